package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.VitShape;

class OptimiserTest {
  private final Architecture architecture =
      new Architecture(new VitShape(8, 4, 8, 1, 2, 4, 0), 16, 8, 16);
  private final ParameterLayout layout = new ParameterLayout(architecture);
  private final Kernels kernels = Backends.open("nd4j", 1);
  private final Tensor weights = kernels.allocate(layout.size());
  private final Tensor gradients = kernels.allocate(layout.size());
  private final Optimiser optimiser =
      new Optimiser(
          kernels, ObjectiveSettings.of(Schedules.stream(0.1, 0, 0)), layout, weights, gradients);

  @Test
  void clipsEachParameterByItsOwnNorm() {
    // 64 elements of 1 have the norm 8, 8 elements of 1 the norm sqrt(8) < 3.
    fill("block0.projection.weight", 1);
    fill("block0.projection.bias", 1);
    double norm = optimiser.clip();
    assertThat(norm).isEqualTo(Math.sqrt(72), within(1e-5));
    assertThat(first("block0.projection.weight", gradients)).isEqualTo(0.375f, within(1e-6f));
    assertThat(first("block0.projection.bias", gradients)).isEqualTo(1);
  }

  @Test
  void decaysMatricesAndNotBiases() {
    kernels.fill(weights, 1);
    kernels.fill(gradients, 0.5f);
    optimiser.update(0.1, 0.2, 1, 1);
    // 1 - .1 * .2 - .1 * .5 / .5, and without the decay.
    assertThat(first("block0.qkv.weight", weights)).isEqualTo(0.88f, within(1e-6f));
    assertThat(first("cls", weights)).isEqualTo(0.88f, within(1e-6f));
    assertThat(first("head.last.weight", weights)).isEqualTo(0.88f, within(1e-6f));
    assertThat(first("block0.qkv.bias", weights)).isEqualTo(0.9f, within(1e-6f));
    assertThat(first("norm.gamma", weights)).isEqualTo(0.9f, within(1e-6f));
  }

  @Test
  void followsAdamOverTwoSteps() {
    kernels.fill(weights, 0);
    kernels.fill(gradients, 1);
    optimiser.update(0.1, 0, 1, 1);
    kernels.fill(gradients, -0.5f);
    optimiser.update(0.1, 0, 2, 2);
    // m = .9 * .1 - .05 = .04, over .19; v = .999 * .001 + .00025 = .001249, over .001999.
    double second = 0.1 * (0.04 / 0.19) / Math.sqrt(0.001249 / 0.001999);
    assertThat(first("cls", weights)).isEqualTo((float) (-0.1 - second), within(1e-5f));
    assertThat(first("cls", optimiser.m())).isEqualTo(0.04f, within(1e-6f));
    assertThat(first("cls", optimiser.v())).isEqualTo(0.001249f, within(1e-7f));
  }

  @Test
  void leavesTheLastLayerAndItsMomentsAloneWhileFrozen() {
    kernels.fill(weights, 1);
    kernels.fill(gradients, 0.5f);
    optimiser.update(0.1, 0.2, 1, 0);
    assertThat(first("head.last.weight", weights)).isEqualTo(1);
    assertThat(first("head.last.weight", optimiser.m())).isZero();
    assertThat(first("head.last.weight", optimiser.v())).isZero();
    assertThat(first("head.linear1.weight", weights)).isEqualTo(0.88f, within(1e-6f));
    // Its first update is as long as anybody's first, whatever the others' age.
    optimiser.update(0.1, 0, 2, 1);
    assertThat(first("head.last.weight", weights)).isEqualTo(0.9f, within(1e-6f));
  }

  private void fill(String name, float value) {
    Slice slice = layout.slice(name);
    kernels.fill(gradients.view(slice.offset(), slice.size()), value);
  }

  private float first(String name, Tensor flat) {
    float[] value = new float[1];
    flat.read(layout.slice(name).offset(), value, 0, 1);
    return value[0];
  }
}
