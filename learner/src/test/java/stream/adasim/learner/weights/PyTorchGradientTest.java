package stream.adasim.learner.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.Backbone;
import stream.adasim.learner.network.BackboneShape;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.Pass;
import stream.adasim.learner.network.ProjectionHead;
import stream.adasim.learner.network.Prototypes;
import stream.adasim.learner.network.ResNetShape;
import stream.adasim.learner.network.ResNetShape.Block;
import stream.adasim.learner.network.ResNetShape.Stem;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.safetensors.SafetensorsWriter;
import stream.adasim.learner.weights.TensorNames.TensorName;

/**
 * Whole networks against PyTorch with the same weights: features, loss, the gradients of every
 * parameter, running statistics. The numbers are timm's, written by bench/peers/weights.py.
 */
class PyTorchGradientTest {
  private static final int BATCH = 3;
  private static final int PROTOTYPES = 12;

  @TempDir Path folder;

  record Case(String backend, String fixture, BackboneShape shape) {}

  static Stream<Case> cases() {
    return Stream.of("nd4j", "onednn").flatMap(PyTorchGradientTest::cases);
  }

  private static Stream<Case> cases(String backend) {
    return Stream.of(
        new Case(backend, "vit.txt", new VitShape(8, 4, 8, 2, 2, 4, 0)),
        new Case(backend, "vit-registers.txt", new VitShape(8, 4, 8, 2, 2, 4, 2)),
        new Case(
            backend,
            "resnet-imagenet.txt",
            new ResNetShape(16, Stem.IMAGENET, Block.BASIC, List.of(1, 1), 4)),
        new Case(
            backend,
            "resnet-cifar.txt",
            new ResNetShape(8, Stem.CIFAR, Block.BOTTLENECK, List.of(1, 1), 3)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void computesWhatPyTorchComputes(Case c) throws IOException {
    Map<String, double[]> expected = Fixture.read(c.fixture());
    var architecture = new Architecture(c.shape(), 16, 8, PROTOTYPES);
    var layout = new ParameterLayout(architecture);
    var numbers = new Fixture(2026);
    Path file = writeAsTimmWould(layout, c.shape(), numbers);
    int side = c.shape().imageSize();
    float[] pixels = numbers.take(BATCH * 3 * side * side);
    float[] scores = numbers.take(BATCH * PROTOTYPES);
    for (int i = 0; i < scores.length; i++) {
      scores[i] *= 4;
    }

    try (Kernels kernels = Backends.open(c.backend(), 1)) {
      Parameters weights = Parameters.allocate(kernels, architecture, layout);
      weights.flat().write(WeightsImport.read(file, architecture, true, 0).weights());
      Parameters gradients = Parameters.allocate(kernels, architecture, layout);
      var backbone = Backbone.forTraining(kernels, c.shape(), c.shape().imageSize(), BATCH, 0);
      var head = ProjectionHead.forTraining(kernels, architecture, BATCH);
      Tensor images = tensor(kernels, pixels, BATCH, 3, side, side);
      Tensor z = tensor(kernels, scores, BATCH, PROTOTYPES);
      Tensor targets = kernels.allocate(BATCH, PROTOTYPES);
      Tensor logits = kernels.allocate(BATCH, PROTOTYPES);
      Tensor dLogits = kernels.allocate(BATCH, PROTOTYPES);
      Tensor dFeatures = kernels.allocate(BATCH, c.shape().dim());
      kernels.softmax(z, null, 1, targets);

      Tensor features = backbone.forward(weights, images, BATCH, new Pass.Learn(0, 0));
      var prototypes = new Prototypes(kernels, architecture);
      prototypes.refresh(weights);
      head.forward(weights, prototypes, features, logits);
      double loss = kernels.crossEntropy(targets, logits, 0.1f, 1, dLogits);
      assertThat(loss).isEqualTo(Fixture.of(expected, "loss")[0], within(1e-4));
      close("features", features.toArray(), expected);
      head.backward(weights, prototypes, features, dLogits, gradients, dFeatures);
      prototypes.finish(gradients);
      backbone.backward(weights, dFeatures, gradients, BATCH);

      double worst = 0;
      for (Slice slice : layout.slices()) {
        String name = TensorNames.of(slice, c.shape()).name();
        boolean trained = slice.offset() < layout.trainedSize();
        Tensor flat = trained ? gradients.flat() : weights.flat();
        float[] found = flat.view(slice.offset(), slice.size()).toArray();
        if (name.equals(TensorNames.POSITIONS) && registers(c.shape()) > 0) {
          found = Arrays.copyOfRange(found, c.shape().dim(), found.length);
        }
        worst = Math.max(worst, close(trained ? "grad." + name : name, found, expected));
      }
      System.out.printf(
          "%s on %s: gradients and PyTorch's differ by %.1e at most%n",
          c.fixture(), c.backend(), worst);
      Tensor embedding = backbone.forward(weights, images, BATCH, new Pass.Embed());
      close("embedding", embedding.toArray(), expected);
    }
  }

  /** How far apart they are, relative to the largest expected magnitude. */
  private static double close(String name, float[] found, Map<String, double[]> expected) {
    double apart = Fixture.apart(found, Fixture.of(expected, name));
    assertThat(apart).as(name).isLessThan(1e-4);
    return apart;
  }

  private static Tensor tensor(Kernels kernels, float[] x, int... shape) {
    Tensor tensor = kernels.allocate(shape);
    tensor.write(x);
    return tensor;
  }

  private static int registers(BackboneShape shape) {
    return shape instanceof VitShape vit ? vit.registers() : 0;
  }

  private Path writeAsTimmWould(ParameterLayout layout, BackboneShape shape, Fixture numbers)
      throws IOException {
    var shapes = new TreeMap<String, List<Integer>>();
    for (Slice slice : layout.slices()) {
      TensorName name = TensorNames.of(slice, shape);
      shapes.put(name.name(), name.shape());
    }
    if (registers(shape) > 0) {
      int patches = ((VitShape) shape).patches();
      shapes.put(TensorNames.POSITIONS, List.of(1, patches, shape.dim()));
    }
    var out = new SafetensorsWriter();
    shapes.forEach((name, extents) -> out.add(name, extents, numbers.fill(name, extents)));
    Path file = folder.resolve("timm.safetensors");
    out.write(file, Map.of());
    return file;
  }
}
