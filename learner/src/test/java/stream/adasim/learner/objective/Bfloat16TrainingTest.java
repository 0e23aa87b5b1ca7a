package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.BackendException;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.VitShape;

/** Training with bfloat16 products beside training in float32, emulated where need be. */
class Bfloat16TrainingTest {
  private static final int BATCH = 8;
  private static final long SEED = 6;

  /** At 1e-3 the same two runs on noise part by 7.5 %: too fast for so small a batch. */
  private static final double RATE = 1e-4;

  private static final Architecture VIT =
      new Architecture(new VitShape(8, 4, 16, 2, 2, 4, 0), 32, 16, 32);

  private static Kernels exact;
  private static Kernels rounded;

  @BeforeAll
  static void open() {
    exact = Backends.open("onednn", 1, Precision.FP32);
    try {
      rounded = Backends.open("onednn", 1, Precision.BF16);
    } catch (BackendException e) {
      abort(String.valueOf(e.getMessage()));
    }
  }

  @AfterAll
  static void close() {
    exact.close();
    if (rounded != null) {
      rounded.close();
    }
  }

  /** After one step the first moments are the clipped gradients, times a number. */
  @Test
  void gradientsOfAWholeNetworkStayNear() {
    float[] expected = momentsOfOneStep(exact);
    float[] found = momentsOfOneStep(rounded);
    assertThat(found).isNotEqualTo(expected);
    var layout = new ParameterLayout(VIT);
    double most = 0;
    for (Slice slice : layout.slices()) {
      double apart = 0;
      double largest = 0;
      for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
        apart = Math.max(apart, Math.abs(found[i] - expected[i]));
        largest = Math.max(largest, Math.abs(expected[i]));
      }
      assertThat(largest).as(slice.name()).isPositive();
      assertThat(apart / largest).as(slice.name()).isLessThan(3e-2);
      most = Math.max(most, apart / largest);
    }
    System.out.printf("gradients by bfloat16 products: %.1e from float32's at most%n", most);
  }

  @Test
  void theLossGoesTheSameWay() {
    try (var one = start(exact);
        var other = start(rounded)) {
      Random random = new Random(3);
      double most = 0;
      for (int step = 0; step < 50; step++) {
        float[] first = images(random);
        float[] second = images(random);
        double expected = one.step(first, second).loss();
        double found = other.step(first, second).loss();
        assertThat(found).as("step %s", step).isEqualTo(expected, within(2e-2 * expected));
        most = Math.max(most, Math.abs(found - expected) / expected);
      }
      System.out.printf("loss by bfloat16 products: %.1e from float32's at most%n", most);
    }
  }

  private static float[] momentsOfOneStep(Kernels kernels) {
    try (var distillation = start(kernels)) {
      Random random = new Random(3);
      distillation.step(images(random), images(random));
      return distillation.firstMoments();
    }
  }

  private static SelfSupervision start(Kernels kernels) {
    var settings = ObjectiveSettings.of(Schedules.stream(RATE, 0, 0));
    return new SelfSupervision(kernels, VIT, settings, BATCH, SEED);
  }

  private static float[] images(Random random) {
    float[] images = new float[BATCH * VIT.pixels()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    return images;
  }
}
