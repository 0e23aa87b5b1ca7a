package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.BackboneShape;
import stream.adasim.learner.network.MlpHead;
import stream.adasim.learner.network.MlpHead.Kind;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.ResNetShape;
import stream.adasim.learner.network.ResNetShape.Block;
import stream.adasim.learner.network.ResNetShape.Stem;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.weights.Fixture;

/**
 * Loss, gradients and running statistics of each objective's head against PyTorch with the same
 * weights and features. The numbers were written by bench/peers/objectives.py.
 */
class SiameseFixtureTest {
  private static final int BATCH = 4;
  private static final int DIM = 6;
  private static final int QUEUE = 9;
  private static final BackboneShape VIT = new VitShape(8, 4, DIM, 1, 2, 2, 0);
  private static final BackboneShape RESNET =
      new ResNetShape(8, Stem.CIFAR, Block.BASIC, List.of(1, 1), DIM / 2);

  record Case(String backend, String fixture, Objective objective, BackboneShape shape) {}

  static Stream<Case> cases() {
    return Stream.of("nd4j", "onednn")
        .flatMap(
            backend ->
                Stream.of(
                    new Case(backend, "byol", Objective.BYOL, VIT),
                    new Case(backend, "simsiam", Objective.SIMSIAM, VIT),
                    new Case(backend, "mocov3", Objective.MOCOV3, VIT),
                    new Case(backend, "mocov3-resnet", Objective.MOCOV3, RESNET),
                    new Case(backend, "mocov3-no-negatives", Objective.MOCOV3_NO_NEGATIVES, VIT),
                    new Case(backend, "simclr", Objective.SIMCLR, VIT),
                    new Case(backend, "nnclr", Objective.NNCLR, VIT)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void computesWhatPyTorchComputes(Case c) throws IOException {
    Map<String, double[]> expected =
        Fixture.read("/stream/adasim/learner/objective/" + c.fixture() + ".txt");
    var architecture = new Architecture(c.shape(), head(c.objective()));
    var layout = new ParameterLayout(architecture);
    var numbers = new Fixture(2027);
    try (Kernels kernels = Backends.open(c.backend(), 1)) {
      Parameters student = Parameters.allocate(kernels, architecture, layout);
      fill(student, layout, numbers);
      Tensor features = tensor(kernels, numbers, 2 * BATCH, DIM);
      Tensor targetFeatures = tensor(kernels, numbers, 2 * BATCH, DIM);
      Tensor queue = tensor(kernels, numbers, QUEUE, 5);
      Parameters target = student;
      if (c.objective().hasTeacher()) {
        target = Parameters.allocate(kernels, architecture, layout);
        fill(target, layout, numbers);
      }
      Parameters gradients = Parameters.allocate(kernels, architecture, layout);
      var settings =
          ObjectiveSettings.of(c.objective(), Schedules.stream(1, 0, 0))
              .withContrast(c.objective().defaults().temperature(), QUEUE);
      var head =
          new SiameseHead(
              kernels, architecture, settings, new Networks(student, target, gradients), BATCH);
      if (c.objective() == Objective.NNCLR) {
        Tensor state = head.state().getFirst();
        kernels.normalizeRows(queue, 1e-12f, state, kernels.allocate(QUEUE));
      }
      Tensor dFeatures = kernels.allocate(2 * BATCH, DIM);
      double loss = head.run(features, targetFeatures, dFeatures, 1000);

      assertThat(loss).isEqualTo(Fixture.of(expected, "loss")[0], within(2e-6 * Math.abs(loss)));
      double worst = close("dFeatures", dFeatures.toArray(), expected);
      for (Slice slice : headSlices(layout)) {
        boolean trained = slice.offset() < layout.trainedSize();
        Tensor flat = trained ? gradients.flat() : student.flat();
        float[] found = flat.view(slice.offset(), slice.size()).toArray();
        String name = trained ? "grad." + slice.name() : slice.name();
        worst = Math.max(worst, close(name, found, expected));
      }
      System.out.printf(
          "%s on %s: gradients and PyTorch's differ by %.1e at most%n",
          c.fixture(), c.backend(), worst);
    }
  }

  private static MlpHead head(Objective objective) {
    Kind kind =
        switch (objective) {
          case BYOL -> Kind.BYOL;
          case SIMSIAM -> Kind.SIMSIAM;
          case MOCOV3, MOCOV3_NO_NEGATIVES -> Kind.MOCOV3;
          case SIMCLR -> Kind.SIMCLR;
          case NNCLR -> Kind.NNCLR;
          case DINO -> throw new IllegalArgumentException("DINO's head is another");
        };
    return new MlpHead(kind, 8, 5, kind == Kind.SIMCLR ? 0 : 7);
  }

  private static List<Slice> headSlices(ParameterLayout layout) {
    return layout.slices().stream()
        .filter(slice -> slice.name().startsWith("head."))
        .sorted(Comparator.comparing(Slice::name))
        .toList();
  }

  private static void fill(Parameters parameters, ParameterLayout layout, Fixture numbers) {
    for (Slice slice : headSlices(layout)) {
      float[] x = numbers.take(slice.size());
      boolean one = slice.name().endsWith(".gamma") || slice.name().endsWith(".variance");
      for (int i = 0; i < x.length; i++) {
        x[i] = one ? 1 + 0.3f * x[i] : 0.4f * x[i];
      }
      parameters.flat().view(slice.offset(), slice.size()).write(x);
    }
  }

  private static Tensor tensor(Kernels kernels, Fixture numbers, int rows, int columns) {
    Tensor tensor = kernels.allocate(rows, columns);
    tensor.write(numbers.take(rows * columns));
    return tensor;
  }

  /**
   * How far apart they are, relative to the largest expected magnitude, or to .01 where batch norm
   * behind a parameter leaves nothing of its gradient but rounding.
   */
  private static double close(String name, float[] found, Map<String, double[]> expected) {
    double[] numbers = Fixture.of(expected, name);
    double largest = Arrays.stream(numbers).map(Math::abs).max().orElseThrow();
    double apart = Fixture.apart(found, numbers) * largest / Math.max(largest, 0.01);
    assertThat(apart).as(name).isLessThan(1e-4);
    return apart;
  }
}
