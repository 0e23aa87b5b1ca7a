package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.PlainKernels;
import stream.adasim.learner.network.ReferenceNetwork;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.objective.Schedule.Constant;

/** One whole step, the second, against DINO written down again with numeric derivatives. */
class DistillationStepTest {
  private static final long SEED = 41;
  private static final int BATCH = 2;
  private static final double RATE = 0.01;
  private static final double DECAY = 0.3;
  private static final double MOMENTUM = 0.6;

  private static final LocalViews LOCAL = new LocalViews(3, 4);

  private final Architecture architecture =
      new Architecture(new VitShape(8, 2, 8, 1, 2, 2, 0), 12, 8, 16);
  private final ParameterLayout layout = new ParameterLayout(architecture);
  private final Random random = new Random(SEED);
  private final float[][] views = {images(), images()};
  private final float[][] localViews = {localImages(), localImages(), localImages()};

  @Test
  void secondStepIsDinos() {
    secondStepIsDinos(LocalViews.NONE, 1);
  }

  @Test
  void secondStepIsDinosWithLocalViewsToo() {
    secondStepIsDinos(LOCAL, 0.2);
  }

  /** One step, with a clip that touches some parameters and not others. */
  private void secondStepIsDinos(LocalViews local, double clip) {
    Schedules schedules =
        Schedules.stream(RATE, 0, 0)
            .withWeightDecay(new Constant(DECAY))
            .withMomentum(new Constant(MOMENTUM));
    var settings =
        new ObjectiveSettings(
            Objective.DINO, schedules, 0.1, 0.8, 1, clip, 0.9, 0.999, 1e-8, 0, local);
    try (var kernels = new PlainKernels();
        var distillation = new SelfSupervision(kernels, architecture, settings, BATCH, SEED)) {
      distillation.startFrom(weights());
      distillation.step(images(), images(), together(local));

      double[] student = doubles(distillation.studentWeights());
      double[] teacher = doubles(distillation.teacherWeights());
      double[] centre = doubles(distillation.objectiveState());
      double[] m = doubles(distillation.firstMoments());
      assertThat(teacher).isNotEqualTo(student);
      assertThat(Arrays.stream(centre).map(Math::abs).max().orElseThrow()).isGreaterThan(0.01);

      StepResult result = distillation.step(views[0], views[1], together(local));

      double[][][] targets = new double[2][BATCH][];
      double[] meanLogits = new double[architecture.prototypes()];
      double[] meanTarget = new double[architecture.prototypes()];
      double entropy = 0;
      var network = new ReferenceNetwork(architecture, teacher);
      for (int view = 0; view < 2; view++) {
        for (int b = 0; b < BATCH; b++) {
          double[] z = network.logits(network.feature(views[view], b * architecture.pixels()));
          double[] shifted = new double[z.length];
          Arrays.setAll(shifted, k -> z[k] - centre[k]);
          double[] p = ReferenceNetwork.softmax(shifted, 0.04);
          targets[view][b] = p;
          entropy += entropy(p) / (2 * BATCH);
          for (int k = 0; k < z.length; k++) {
            meanLogits[k] += z[k] / (2 * BATCH);
            meanTarget[k] += p[k] / (2 * BATCH);
          }
        }
      }
      double[] gradient = new double[student.length];
      for (int i = 0; i < student.length; i++) {
        double weight = student[i];
        student[i] = weight + 1e-5;
        double above = loss(student, targets, local);
        student[i] = weight - 1e-5;
        double below = loss(student, targets, local);
        student[i] = weight;
        gradient[i] = (above - below) / 2e-5;
      }

      assertThat(result.step()).isEqualTo(1);
      assertThat(result.loss()).isEqualTo(loss(student, targets, local), within(1e-5));
      assertThat(result.teacherEntropy()).isEqualTo(entropy, within(1e-5));
      assertThat(result.batchEntropy()).isEqualTo(entropy(meanTarget), within(1e-5));
      assertThat(result.gradientNorm()).isEqualTo(norm(gradient), within(1e-4));
      assertThat(result.learningRate()).isEqualTo(RATE);
      assertThat(result.weightDecay()).isEqualTo(DECAY);
      assertThat(result.momentum()).isEqualTo(MOMENTUM);
      for (int b = 0; b < BATCH; b++) {
        double[] unit = ReferenceNetwork.unit(network.feature(views[0], b * architecture.pixels()));
        close(doubles(Arrays.copyOfRange(result.firstFeatures(), b * 8, b * 8 + 8)), unit, 1e-5);
      }

      double[] expectedCentre = new double[centre.length];
      Arrays.setAll(expectedCentre, k -> 0.8 * centre[k] + 0.2 * meanLogits[k]);
      close(doubles(distillation.objectiveState()), expectedCentre, 1e-6);

      assertThat(clip(gradient, clip))
          .as("parameters clipped")
          .isBetween(3, layout.slices().size() - 3);
      double[] newM = doubles(distillation.firstMoments());
      double[] expectedM = new double[m.length];
      Arrays.setAll(expectedM, i -> 0.9 * m[i] + 0.1 * gradient[i]);
      close(newM, expectedM, 1e-5);

      // Second moments follow from the gradients that the first moments tell of.
      double[] expectedStudent = new double[m.length];
      for (int i = 0; i < m.length; i++) {
        double first = m[i] / 0.1;
        double second = (newM[i] - 0.9 * m[i]) / 0.1;
        double v = 0.999 * 0.001 * first * first + 0.001 * second * second;
        double decayed = i < layout.decayedSize() ? student[i] * (1 - RATE * DECAY) : student[i];
        double move = newM[i] / (1 - 0.81) / (Math.sqrt(v / (1 - 0.999 * 0.999)) + 1e-8);
        expectedStudent[i] = decayed - RATE * move;
      }
      double[] newStudent = doubles(distillation.studentWeights());
      close(newStudent, expectedStudent, 1e-5);

      double[] expectedTeacher = new double[m.length];
      Arrays.setAll(expectedTeacher, i -> MOMENTUM * teacher[i] + (1 - MOMENTUM) * newStudent[i]);
      close(doubles(distillation.teacherWeights()), expectedTeacher, 1e-6);
    }
  }

  private double loss(double[] student, double[][][] targets, LocalViews local) {
    var network = new ReferenceNetwork(architecture, student);
    double loss = 0;
    for (int view = 0; view < 2; view++) {
      for (int b = 0; b < BATCH; b++) {
        double[] z = network.logits(network.feature(views[view], b * architecture.pixels()));
        loss += ReferenceNetwork.crossEntropy(targets[1 - view][b], z, 0.1) / BATCH;
      }
    }
    for (int view = 0; view < local.count(); view++) {
      for (int b = 0; b < BATCH; b++) {
        int offset = b * 3 * local.side() * local.side();
        double[] z = network.logits(network.feature(localViews[view], offset, local.side()));
        for (double[][] target : targets) {
          loss += ReferenceNetwork.crossEntropy(target[b], z, 0.1) / BATCH;
        }
      }
    }
    return loss / (2 + 2 * local.count());
  }

  private float[] together(LocalViews local) {
    float[] together = new float[local.count() * localViews[0].length];
    for (int view = 0; view < local.count(); view++) {
      System.arraycopy(
          localViews[view], 0, together, view * localViews[0].length, localViews[0].length);
    }
    return together;
  }

  /** Clips in place; returns how many parameters it touched. */
  private int clip(double[] gradient, double limit) {
    int clipped = 0;
    for (Slice slice : layout.slices()) {
      int end = slice.offset() + slice.size();
      double norm = norm(Arrays.copyOfRange(gradient, slice.offset(), end));
      if (norm > limit) {
        clipped++;
        for (int i = slice.offset(); i < end; i++) {
          gradient[i] *= limit / (norm + 1e-6);
        }
      }
    }
    return clipped;
  }

  private float[] weights() {
    float[] weights = layout.initialWeights(SEED);
    for (int i = 0; i < weights.length; i++) {
      weights[i] += (float) (0.3 * random.nextGaussian());
    }
    return weights;
  }

  private float[] images() {
    return gaussians(BATCH * architecture.pixels());
  }

  private float[] localImages() {
    return gaussians(BATCH * 3 * LOCAL.side() * LOCAL.side());
  }

  private float[] gaussians(int length) {
    float[] images = new float[length];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    return images;
  }

  private static void close(double[] found, double[] expected, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i])
          .as("seed %s element %s", SEED, i)
          .isEqualTo(expected[i], within(tolerance));
    }
  }

  private static double entropy(double[] p) {
    return -Arrays.stream(p).filter(v -> v > 0).map(v -> v * Math.log(v)).sum();
  }

  private static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
  }

  private static double[] doubles(float[] x) {
    double[] doubles = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      doubles[i] = x[i];
    }
    return doubles;
  }
}
