package stream.adasim.learner.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.ResNetShape.Block;
import stream.adasim.learner.network.ResNetShape.Stem;

/** Small backbones of every kind, forward and backward. */
class BackboneTest {
  private static final long SEED = 20_262;
  private static final int BATCH = 3;
  private static final Pass LEARN = new Pass.Learn(77, 0);

  private final Random random = new Random(SEED);

  static Stream<BackboneShape> shapes() {
    return Stream.of(
        new VitShape(12, 4, 6, 3, 2, 2, 0),
        new VitShape(10, 5, 6, 1, 3, 3, 2),
        new ResNetShape(8, Stem.CIFAR, Block.BASIC, List.of(1, 2), 3),
        new ResNetShape(9, Stem.IMAGENET, Block.BASIC, List.of(2, 1), 2),
        new ResNetShape(7, Stem.CIFAR, Block.BOTTLENECK, List.of(2, 1), 2),
        new ResNetShape(13, Stem.IMAGENET, Block.BOTTLENECK, List.of(1, 1), 2));
  }

  /** Up to 8 elements of each parameter, in double precision, so that no ReLU is crossed. */
  @ParameterizedTest
  @MethodSource("shapes")
  void gradientsAreTheDerivatives(BackboneShape shape) {
    try (var kernels = new PlainKernels()) {
      var run = new Run(kernels, shape, shape instanceof VitShape ? 0.5 : 0);
      double[] gradients = PlainKernels.doubles(run.backward());
      Doubles flat = PlainKernels.d(run.weights.flat());
      for (Slice slice : run.backboneSlices()) {
        double worst = 0;
        double largest = 0;
        for (int n = 0; n < Math.min(8, slice.size()); n++) {
          int i = slice.offset() + random.nextInt(slice.size());
          double kept = flat.get(i);
          flat.set(i, kept + 1e-7);
          double above = run.loss();
          flat.set(i, kept - 1e-7);
          double below = run.loss();
          flat.set(i, kept);
          double derivative = (above - below) / 2e-7;
          worst = Math.max(worst, Math.abs(gradients[i] - derivative));
          largest = Math.max(largest, Math.abs(derivative));
        }
        assertThat(worst)
            .as("seed %s %s %s", SEED, shape, slice.name())
            .isLessThan(1e-6 + 1e-5 * largest);
      }
    }
  }

  /** So wide that oneDNN's backend convolves in other ways than with few channels. */
  private static Stream<BackboneShape> wide() {
    return Stream.of(
        new ResNetShape(3, Stem.CIFAR, Block.BASIC, List.of(1, 1), 129),
        new ResNetShape(17, Stem.IMAGENET, Block.BOTTLENECK, List.of(1, 1), 33));
  }

  static Stream<Arguments> shapesOnBackends() {
    return Stream.concat(
        shapes()
            .flatMap(shape -> Stream.of("nd4j", "onednn").map(name -> Arguments.of(shape, name))),
        wide().map(shape -> Arguments.of(shape, "onednn")));
  }

  @ParameterizedTest
  @MethodSource("shapesOnBackends")
  void singlePrecisionAgreesWithDouble(BackboneShape shape, String backend) {
    try (var plain = new PlainKernels();
        Kernels kernels = Backends.open(backend, 1)) {
      double dropPath = shape instanceof VitShape ? 0.5 : 0;
      var exact = new Run(plain, shape, dropPath);
      var rounded = new Run(kernels, shape, dropPath);
      assertThat(rounded.loss()).isEqualTo(exact.loss(), within(1e-4));
      double[] expected = PlainKernels.doubles(exact.backward());
      float[] found = rounded.backward().toArray();
      for (Slice slice : exact.backboneSlices()) {
        double worst = 0;
        double largest = 0;
        for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
          worst = Math.max(worst, Math.abs(found[i] - expected[i]));
          largest = Math.max(largest, Math.abs(expected[i]));
        }
        assertThat(worst).as(slice.name()).isLessThan(1e-5 + 1e-4 * largest);
      }
      for (Pass pass : List.of(new Pass.Teach(), new Pass.Embed())) {
        assertThat(rounded.inference(pass, BATCH))
            .usingComparatorWithPrecision(1e-3f)
            .containsExactly(exact.inference(pass, BATCH));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void inferenceSharesMemoryWithoutMixingLayers(BackboneShape shape) {
    try (var kernels = new PlainKernels()) {
      var run = new Run(kernels, shape, 0);
      for (Pass pass : List.of(new Pass.Teach(), new Pass.Embed())) {
        float[] kept = run.training.forward(run.weights, run.images, BATCH, pass).toArray();
        assertThat(run.inference(pass, BATCH)).isEqualTo(kept);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void anEmbeddingDoesNotDependOnItsBatch(BackboneShape shape) {
    try (var kernels = new PlainKernels()) {
      var run = new Run(kernels, shape, 0);
      float[] all = run.inference(new Pass.Embed(), BATCH);
      float[] two = run.inference(new Pass.Embed(), 2);
      assertThat(two).isEqualTo(Arrays.copyOf(all, two.length));
      float[] taught = run.inference(new Pass.Teach(), BATCH);
      float[] taughtTwo = run.inference(new Pass.Teach(), 2);
      assertThat(Arrays.equals(taught, 0, taughtTwo.length, taughtTwo, 0, taughtTwo.length))
          .isEqualTo(!shape.couplesImages());
    }
  }

  @Test
  void onlyTrainingMovesRunningStatistics() {
    try (var kernels = new PlainKernels()) {
      var shape = new ResNetShape(8, Stem.CIFAR, Block.BASIC, List.of(1, 1), 2);
      var run = new Run(kernels, shape, 0);
      float[] before = run.weights.flat().toArray();
      run.inference(new Pass.Embed(), BATCH);
      assertThat(run.weights.flat().toArray()).isEqualTo(before);
      run.inference(new Pass.Teach(), BATCH);
      float[] after = run.weights.flat().toArray();
      for (Slice slice : run.layout.slices()) {
        boolean moved = after[slice.offset()] != before[slice.offset()];
        assertThat(moved).as(slice.name()).isEqualTo(slice.offset() >= run.layout.trainedSize());
      }
    }
  }

  @Test
  void stochasticDepthIsForVisionTransformers() {
    try (var kernels = new PlainKernels()) {
      var shape = new ResNetShape(8, Stem.CIFAR, Block.BASIC, List.of(1), 2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Backbone.forTraining(kernels, shape, shape.imageSize(), 2, 0.1))
          .withMessage("dropPath=0.1 must be 0: stochastic depth is for vision transformers here");
    }
  }

  /** A backbone with random weights and images, whose loss is a random projection of features. */
  private static final class Run {
    private final Random random = new Random(5);
    private final Kernels kernels;
    private final BackboneShape shape;
    private final ParameterLayout layout;
    private final Parameters weights;
    private final Backbone training;
    private final Tensor images;
    private final float[] projection;

    Run(Kernels kernels, BackboneShape shape, double dropPath) {
      var architecture = new Architecture(shape, 2, 2, 2);
      this.kernels = kernels;
      this.shape = shape;
      layout = new ParameterLayout(architecture);
      weights = Parameters.allocate(kernels, architecture, layout);
      weights.write(weights());
      training = Backbone.forTraining(kernels, shape, shape.imageSize(), BATCH, dropPath);
      images = kernels.allocate(BATCH, 3, shape.imageSize(), shape.imageSize());
      images.write(normal((int) images.size(), 1));
      projection = normal(BATCH * shape.dim(), 1);
    }

    private float[] weights() {
      float[] all = normal(layout.size(), 0.4);
      for (Slice slice : layout.slices()) {
        boolean nearOne = slice.name().endsWith("gamma") || slice.name().endsWith("variance");
        for (int i = slice.offset(); nearOne && i < slice.offset() + slice.size(); i++) {
          all[i] = 1 + Math.abs(all[i]);
        }
      }
      return all;
    }

    private float[] normal(int size, double deviation) {
      float[] x = new float[size];
      for (int i = 0; i < size; i++) {
        x[i] = (float) (deviation * random.nextGaussian());
      }
      return x;
    }

    double loss() {
      Tensor features = training.forward(weights, images, BATCH, LEARN);
      double loss = 0;
      for (int i = 0; i < projection.length; i++) {
        loss += projection[i] * value(features, i);
      }
      return loss;
    }

    private static double value(Tensor x, int i) {
      if (x instanceof Doubles exact) {
        return exact.get(i);
      }
      float[] one = new float[1];
      x.read(i, one, 0, 1);
      return one[0];
    }

    /** Gradients of all parameters. */
    Tensor backward() {
      var gradients = Parameters.allocate(kernels, new Architecture(shape, 2, 2, 2), layout);
      Tensor dFeatures = kernels.allocate(BATCH, shape.dim());
      dFeatures.write(projection);
      training.forward(weights, images, BATCH, LEARN);
      training.backward(weights, dFeatures, gradients, BATCH);
      return gradients.flat();
    }

    float[] inference(Pass pass, int batch) {
      Tensor part = images.view(0, batch, 3, shape.imageSize(), shape.imageSize());
      return Backbone.forInference(kernels, shape, BATCH)
          .forward(weights, part, batch, pass)
          .toArray();
    }

    List<Slice> backboneSlices() {
      return layout.trainedSlices().stream()
          .filter(slice -> !slice.name().startsWith("head."))
          .toList();
    }
  }
}
