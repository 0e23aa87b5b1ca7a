package stream.adasim.learner.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.ParameterLayout.Slice;

/** Whole networks against a plain one in double precision and its numeric derivatives. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NetworkGradientTest {
  private static final long SEED = 20_261;
  private static final int BATCH = 3;
  private static final float TEMPERATURE = 0.1f;

  private final Architecture architecture =
      new Architecture(new VitShape(8, 4, 8, 2, 2, 4, 2), 16, 8, 16);
  private final ParameterLayout layout = new ParameterLayout(architecture);
  private final Random random = new Random(SEED);
  private final float[] images = new float[BATCH * architecture.pixels()];
  private final float[] weights = new float[layout.size()];
  private final double[] exact = new double[layout.size()];
  private final double[][] targets = new double[BATCH][];
  private final double[] derivatives = new double[layout.size()];

  @BeforeAll
  void differentiate() {
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    for (Slice slice : layout.slices()) {
      for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
        double centre = slice.name().endsWith("gamma") ? 1 : 0;
        weights[i] = (float) (centre + 0.3 * random.nextGaussian());
        exact[i] = weights[i];
      }
    }
    for (int b = 0; b < BATCH; b++) {
      double[] logits = random.doubles(architecture.prototypes(), -1, 1).toArray();
      targets[b] = ReferenceNetwork.softmax(logits, 0.5);
    }
    double h = 1e-5;
    for (int i = 0; i < exact.length; i++) {
      exact[i] = weights[i] + h;
      double above = loss(exact);
      exact[i] = weights[i] - h;
      double below = loss(exact);
      exact[i] = weights[i];
      derivatives[i] = (above - below) / (2 * h);
    }
  }

  @Test
  void gradientsAreTheDerivativesWhenNothingIsRounded() {
    try (var kernels = new PlainKernels()) {
      var run = new Run(kernels, weights);
      assertThat(run.loss).isEqualTo(loss(exact), within(1e-6));
      compare(PlainKernels.doubles(run.gradients.flat()), 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "onednn"})
  void gradientsAreTheDerivativesInSinglePrecision(String backend) {
    try (Kernels kernels = Backends.open(backend, 1)) {
      var run = new Run(kernels, weights);
      assertThat(run.loss).isEqualTo(loss(exact), within(1e-5));
      compare(doubles(run.gradients.flat().toArray()), 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "onednn"})
  void directionalDerivativesFollowTheNetworkItself(String backend) {
    try (Kernels kernels = Backends.open(backend, 1)) {
      float[] gradients = new Run(kernels, weights).gradients.flat().toArray();
      for (int n = 0; n < 5; n++) {
        double along = 0;
        float[] above = weights.clone();
        float[] below = weights.clone();
        // Along the gradient plus noise, so that the slope stands out of single precision.
        for (int i = 0; i < weights.length; i++) {
          double direction = gradients[i] + 0.02 * random.nextGaussian();
          along += direction * gradients[i];
          above[i] += (float) (1e-3 * direction);
          below[i] -= (float) (1e-3 * direction);
        }
        double slope = (new Run(kernels, above).loss - new Run(kernels, below).loss) / 2e-3;
        assertThat(slope)
            .as("seed %s direction %s", SEED, n)
            .isEqualTo(along, within(0.01 * along));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nd4j", "onednn"})
  void aPartOfTheBatchGivesTheSameFeatures(String backend) {
    try (Kernels kernels = Backends.open(backend, 1)) {
      var reference = new ReferenceNetwork(architecture, exact);
      var backbone = Backbone.forInference(kernels, architecture.backbone(), BATCH);
      Parameters parameters = Parameters.allocate(kernels, architecture, layout);
      parameters.flat().write(weights);
      Tensor tensor = kernels.allocate(BATCH, 3, 8, 8);
      tensor.write(images);
      for (int batch = 1; batch <= BATCH; batch++) {
        float[] features =
            backbone
                .forward(parameters, tensor.view(0, batch, 3, 8, 8), batch, new Pass.Embed())
                .toArray();
        assertThat(features).hasSize(batch * architecture.dim());
        for (int b = 0; b < batch; b++) {
          double[] expected = reference.feature(images, b * architecture.pixels());
          for (int c = 0; c < expected.length; c++) {
            assertThat((double) features[b * expected.length + c])
                .isEqualTo(expected[c], within(1e-4));
          }
        }
      }
    }
  }

  @Test
  void refusesABackwardWithoutBuffersAndABatchThatIsTooLarge() {
    try (var kernels = new PlainKernels()) {
      var backbone = Backbone.forInference(kernels, architecture.backbone(), BATCH);
      Parameters parameters = Parameters.allocate(kernels, architecture, layout);
      Tensor tensor = kernels.allocate(BATCH, 3, 8, 8);
      Tensor dFeatures = kernels.allocate(BATCH, 8);
      assertThatIllegalStateException()
          .isThrownBy(() -> backbone.backward(parameters, dFeatures, parameters, BATCH));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> backbone.forward(parameters, tensor, BATCH + 1, new Pass.Embed()))
          .withMessage("batch=4 must be within 1..3");
    }
  }

  /** One pass forward and back over all images. */
  private final class Run {
    private final double loss;
    private final Parameters gradients;

    Run(Kernels kernels, float[] weights) {
      Parameters parameters = Parameters.allocate(kernels, architecture, layout);
      parameters.flat().write(weights);
      gradients = Parameters.allocate(kernels, architecture, layout);
      var backbone =
          Backbone.forTraining(
              kernels, architecture.backbone(), architecture.imageSize(), BATCH, 0);
      var head = ProjectionHead.forTraining(kernels, architecture, BATCH);
      Tensor tensor = kernels.allocate(BATCH, 3, 8, 8);
      Tensor p = kernels.allocate(BATCH, architecture.prototypes());
      Tensor logits = kernels.allocate(BATCH, architecture.prototypes());
      Tensor dLogits = kernels.allocate(BATCH, architecture.prototypes());
      Tensor dFeatures = kernels.allocate(BATCH, architecture.dim());
      tensor.write(images);
      for (int b = 0; b < BATCH; b++) {
        p.write((long) b * 16, floats(targets[b]), 0, 16);
      }
      Tensor features = backbone.forward(parameters, tensor, BATCH, new Pass.Learn(1, 0));
      var prototypes = new Prototypes(kernels, architecture);
      prototypes.refresh(parameters);
      head.forward(parameters, prototypes, features, logits);
      loss = kernels.crossEntropy(p, logits, TEMPERATURE, 1, dLogits);
      head.backward(parameters, prototypes, features, dLogits, gradients, dFeatures);
      prototypes.finish(gradients);
      backbone.backward(parameters, dFeatures, gradients, BATCH);
    }
  }

  private double loss(double[] weights) {
    var network = new ReferenceNetwork(architecture, weights);
    double loss = 0;
    for (int b = 0; b < BATCH; b++) {
      double[] logits = network.logits(network.feature(images, b * architecture.pixels()));
      loss += ReferenceNetwork.crossEntropy(targets[b], logits, TEMPERATURE) / BATCH;
    }
    return loss;
  }

  /** Each parameter's worst element, against the largest derivative of that parameter. */
  private void compare(double[] gradients, double tolerance) {
    for (Slice slice : layout.slices()) {
      double worst = 0;
      double largest = 0;
      for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
        worst = Math.max(worst, Math.abs(gradients[i] - derivatives[i]));
        largest = Math.max(largest, Math.abs(derivatives[i]));
      }
      assertThat(largest).as(slice.name()).isGreaterThan(1e-4);
      assertThat(worst / largest)
          .as("seed %s parameter %s", SEED, slice.name())
          .isLessThan(tolerance);
    }
  }

  private static float[] floats(double[] x) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }

  private static double[] doubles(float[] x) {
    double[] doubles = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      doubles[i] = x[i];
    }
    return doubles;
  }
}
