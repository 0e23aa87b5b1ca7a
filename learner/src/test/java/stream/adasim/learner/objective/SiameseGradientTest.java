package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.MlpHead;
import stream.adasim.learner.network.MlpHead.Kind;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.PlainKernels;
import stream.adasim.learner.network.VitShape;

/**
 * Gradients of whole objectives, from pixels to loss, against differences of losses in double
 * precision, parameter by parameter along a random direction.
 */
class SiameseGradientTest {
  private static final long SEED = 77;
  private static final int BATCH = 4;
  private static final int PREDICTOR = 7;
  private static final float H = 0x1p-17f;

  private final Random random = new Random(SEED);
  private final PlainKernels kernels = new PlainKernels();

  @ParameterizedTest
  @EnumSource(
      value = Objective.class,
      names = {"DINO", "SIMSIAM"},
      mode = Mode.EXCLUDE)
  void gradientsAreTheDerivatives(Objective objective) {
    var network = new Whole(objective, kind(objective), PREDICTOR);
    float[] weights = network.randomWeights();
    network.student.flat().write(weights);
    if (objective.hasTeacher()) {
      network.target.flat().write(network.randomWeights());
    }
    network.fillQueue();
    compare(network, network.gradientsNow(), 1);
  }

  /**
   * SimSiam's gradient is not the derivative of its loss, because it stops at the targets: it is
   * that of the loss whose targets another network with the same weights makes, which stands still.
   * That loss is BYOL's divided by 4, but for a constant.
   */
  @Test
  void gradientsOfSimSiamStopAtTheTargets() {
    var network = new Whole(Objective.SIMSIAM, Kind.SIMSIAM, PREDICTOR);
    var standing = new Whole(Objective.BYOL, Kind.SIMSIAM, PREDICTOR);
    float[] weights = network.randomWeights();
    network.student.flat().write(weights);
    standing.student.flat().write(weights);
    standing.target.flat().write(weights);
    double[] gradients = network.gradientsNow();
    compare(standing, gradients, 0.25);
    // The derivative of its loss, with targets that move along, is another.
    double[] found = network.slope(network.layout.slice("head.projector2.weight"), gradients);
    assertThat(Math.abs(found[0] - found[1])).isGreaterThan(0.05 * Math.abs(found[0]));
  }

  /**
   * Why SimSiam collapses without its predictor: what it then follows, stopped gradients or not, is
   * the slope of {@code -z1.z2}, which features that are all the same minimise. Where gradients
   * stop it is half of it.
   */
  @Test
  void withoutAPredictorSimSiamDescendsTowardsCollapse() {
    var network = new Whole(Objective.SIMSIAM, Kind.SIMSIAM, 0);
    network.student.flat().write(network.randomWeights());
    compare(network, network.gradientsNow(), 0.5);
  }

  /** Compares gradients with the slopes of another network's loss, times a factor. */
  private void compare(Whole network, double[] gradients, double factor) {
    int seen = 0;
    for (Slice slice : network.layout.trainedSlices()) {
      double[] found = network.slope(slice, gradients);
      double slope = factor * found[1];
      assertThat(found[0])
          .as("seed %s %s", SEED, slice.name())
          .isEqualTo(slope, within(1e-3 * Math.abs(slope) + 1e-6));
      seen += Math.abs(slope) > 1e-4 ? 1 : 0;
    }
    assertThat(seen)
        .as("parameters with a slope")
        .isGreaterThan(network.layout.slices().size() / 3);
  }

  private static Kind kind(Objective objective) {
    return ((MlpHead) objective.headed(Architecture.named("micro", 8, 4, 2)).head()).kind();
  }

  /** A network with one objective's loss and a head. */
  private final class Whole {
    final ParameterLayout layout;
    final Parameters student;
    final Parameters target;
    final Parameters gradients;
    final Siamese siamese;
    final Method.Views views;

    Whole(Objective objective, Kind head, int predictor) {
      var architecture =
          new Architecture(
              new VitShape(8, 4, 8, 1, 2, 2, 0),
              new MlpHead(head, 9, 6, head == Kind.SIMCLR ? 0 : predictor));
      layout = new ParameterLayout(architecture);
      student = Parameters.allocate(kernels, architecture, layout);
      target =
          objective.hasTeacher() ? Parameters.allocate(kernels, architecture, layout) : student;
      gradients = Parameters.allocate(kernels, architecture, layout);
      var settings =
          ObjectiveSettings.of(objective, Schedules.stream(1, 0, 0))
              .withContrast(objective.defaults().temperature(), 3 * BATCH);
      var networks = new Networks(student, target, gradients);
      siamese = new Siamese(kernels, architecture, layout, settings, networks, BATCH);
      var pixels = new Random(SEED + 1);
      int size = BATCH * architecture.pixels();
      views =
          new Method.Views(
              1000, 0, 1, gaussians(pixels, size, 1), gaussians(pixels, size, 1), new float[0]);
    }

    float[] randomWeights() {
      float[] weights = layout.initialWeights(SEED);
      float[] noise = gaussians(random, weights.length, 0.3);
      for (int i = 0; i < layout.trainedSize(); i++) {
        weights[i] += noise[i];
      }
      return weights;
    }

    void fillQueue() {
      for (Tensor queue : siamese.state()) {
        queue.write(gaussians(random, Math.toIntExact(queue.size()), 1));
        Tensor norms = kernels.allocate(queue.rows());
        kernels.normalizeRows(queue, 1e-12f, queue, norms);
      }
    }

    double[] gradientsNow() {
      siamese.run(views);
      return PlainKernels.doubles(gradients.trained());
    }

    /** Along a random direction in one parameter: what gradients say, and what the loss does. */
    double[] slope(Slice slice, double[] gradients) {
      float[] direction = gaussians(random, slice.size(), 1);
      Tensor step = kernels.allocate(slice.size());
      step.write(direction);
      double along = 0;
      for (int i = 0; i < direction.length; i++) {
        along += direction[i] * gradients[slice.offset() + i];
      }
      Tensor weights = student.flat().view(slice.offset(), slice.size());
      kernels.axpy(H, step, weights);
      double above = siamese.run(views).loss();
      kernels.axpy(-2 * H, step, weights);
      double below = siamese.run(views).loss();
      kernels.axpy(H, step, weights);
      return new double[] {along, (above - below) / (2 * H)};
    }
  }

  private static float[] gaussians(Random random, int size, double deviation) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) (deviation * random.nextGaussian());
    }
    return x;
  }
}
