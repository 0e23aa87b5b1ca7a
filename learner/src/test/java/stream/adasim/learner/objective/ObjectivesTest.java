package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.MlpHead;
import stream.adasim.learner.network.MlpHead.Kind;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.objective.Schedule.Constant;

/** What every objective promises, on noisy images of random colours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObjectivesTest {
  private static final long SEED = 5;
  private static final int BATCH = 16;
  private static final double MOMENTUM = 0.9;

  /** What Arrays.mismatch answers for arrays that differ nowhere. */
  private static final int SAME = -1;

  private final Architecture dino =
      new Architecture(new VitShape(8, 4, 64, 2, 4, 2, 0), 64, 32, 32);
  private final Kernels kernels = Backends.open("onednn", 2);

  @AfterAll
  void close() {
    kernels.close();
  }

  @ParameterizedTest
  @EnumSource
  void learnsThatViewsOfAnImageBelongTogether(Objective objective) {
    try (var training = start(objective, SEED)) {
      double untrained = margin(training);
      double first = run(training, new Views(3), 1).loss();
      StepResult last = run(training, new Views(4), 60);
      double trained = margin(training);
      System.out.printf(
          "%s: loss %.3f to %.3f, margin %.3f to %.3f%n",
          objective.setting(), first, last.loss(), untrained, trained);
      assertThat(last.loss()).isLessThan(first - 0.05 * Math.abs(first));
      assertThat(trained).isGreaterThan(untrained + 0.05);
    }
  }

  @ParameterizedTest
  @EnumSource
  void goesOnAfterARestoreAsIfNothingHadHappened(Objective objective) throws IOException {
    try (var whole = start(objective, SEED);
        var before = start(objective, SEED);
        var after = start(objective, SEED + 1)) {
      run(whole, new Views(3), 7);
      var views = new Views(3);
      run(before, views, 4);
      after.restore(in(save(before)));
      run(after, views, 3);
      assertThat(Arrays.mismatch(save(after), save(whole))).isEqualTo(SAME);
      assertThat(after.teacherWeights()).isEqualTo(whole.teacherWeights());
    }
  }

  @ParameterizedTest
  @EnumSource
  void theTeacherIsTheMovingAverageWhereThereIsOne(Objective objective) {
    try (var training = start(objective, SEED)) {
      run(training, new Views(3), 2);
      float[] teacher = training.teacherWeights();
      StepResult result = run(training, new Views(4), 1);
      float[] student = training.studentWeights();
      float[] moved = training.teacherWeights();
      if (!objective.hasTeacher()) {
        assertThat(moved).isEqualTo(student);
        assertThat(result.momentum()).isNaN();
        return;
      }
      assertThat(result.momentum()).isEqualTo(MOMENTUM);
      double apart = 0;
      for (int i = 0; i < new ParameterLayout(headed(objective)).trainedSize(); i++) {
        double expected = MOMENTUM * teacher[i] + (1 - MOMENTUM) * student[i];
        apart = Math.max(apart, Math.abs(moved[i] - expected));
      }
      assertThat(apart).isLessThan(1e-6);
      assertThat(moved).isNotEqualTo(teacher);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSnapshotsBackboneEmbedsAlone(Objective objective) {
    try (var training = start(objective, SEED)) {
      run(training, new Views(3), 2);
      Map<String, String> manifest = headed(objective).toMap();
      var network = new FeatureNetwork(kernels, Architecture.of(manifest));
      network.load(training.teacherWeights());
      float[][] pair = new Views(9).pair();
      float[] features = training.features(pair[0], BATCH);
      assertThat(network.features(pair[0], BATCH)).isEqualTo(features);
      // And they are what the next step hands over for its first views.
      assertThat(training.step(pair[0], pair[1]).firstFeatures()).isEqualTo(features);
    }
  }

  @ParameterizedTest
  @EnumSource
  void hasEntropiesWhereThereArePrototypes(Objective objective) {
    try (var training = start(objective, SEED)) {
      StepResult result = run(training, new Views(3), 1);
      boolean prototypes = objective == Objective.DINO;
      assertThat(Double.isNaN(result.teacherEntropy())).isNotEqualTo(prototypes);
      assertThat(Double.isNaN(result.batchEntropy())).isNotEqualTo(prototypes);
      assertThat(Double.isNaN(result.teacherTemperature())).isNotEqualTo(prototypes);
      assertThat(Double.isNaN(training.maxEntropy())).isNotEqualTo(prototypes);
      assertThat(result.loss()).isFinite();
    }
  }

  @Test
  void theQueueKeepsTheNewestFirstViewsInOrder() {
    var settings =
        ObjectiveSettings.of(Objective.NNCLR, Schedules.stream(1e-3, 0, 0))
            .withContrast(0.1, BATCH + 4);
    try (var training =
        new SelfSupervision(kernels, headed(Objective.NNCLR), settings, BATCH, SEED)) {
      var views = new Views(3);
      run(training, views, 1);
      float[] one = training.objectiveState();
      int width = one.length / (BATCH + 4);
      assertThat(rows(one, width, BATCH, 4)).containsOnly(0);
      run(training, views, 1);
      float[] two = training.objectiveState();
      // The second batch filled the last four places and then began again at the front.
      assertThat(rows(two, width, BATCH - 4, 4)).isEqualTo(rows(one, width, BATCH - 4, 4));
      assertThat(rows(two, width, 0, BATCH - 4)).isNotEqualTo(rows(one, width, 0, BATCH - 4));
      for (int i = 0; i < BATCH + 4; i++) {
        double squares = 0;
        for (float x : rows(two, width, i, 1)) {
          squares += (double) x * x;
        }
        assertThat(squares).isEqualTo(1, within(1e-5));
      }
    }
  }

  @Test
  void refusesAStateOfAnotherObjectiveAndAHeadOfAnother() throws IOException {
    try (var training = start(Objective.MOCOV3, SEED);
        var other = start(Objective.MOCOV3_NO_NEGATIVES, SEED)) {
      assertThatIOException()
          .isThrownBy(() -> other.restore(in(save(training))))
          .withMessageContaining("objective=mocov3; expected mocov3-no-negatives");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SelfSupervision(kernels, dino, settings(Objective.BYOL), BATCH, SEED))
        .withMessageContaining("objective=byol needs a head of its own");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Objective.of("moco"))
        .withMessageContaining("simclr, nnclr");
  }

  @Test
  void readsWhatWasWrittenBeforeThereWereOtherObjectives() throws IOException {
    try (var training = start(Objective.DINO, SEED);
        var restored = start(Objective.DINO, SEED + 1)) {
      run(training, new Views(3), 2);
      byte[] state = save(training);
      int centre = 4 * training.objectiveState().length;
      var old = new ByteArrayOutputStream();
      var out = new DataOutputStream(old);
      out.writeInt(1);
      int name = 4 + 2 + "dino".length();
      out.write(state, name, state.length - name - centre - 4);
      out.write(state, state.length - centre, centre);
      restored.restore(in(old.toByteArray()));
      assertThat(Arrays.mismatch(save(restored), state)).isEqualTo(SAME);
      ObjectiveState read = ObjectiveState.read(dino, in(old.toByteArray()));
      assertThat(read.own()).isEqualTo(training.objectiveState());
      assertThat(read.teacher()).isEqualTo(training.teacherWeights());
    }
  }

  /** How much nearer an image's other view is than other images, in cosines. */
  private double margin(SelfSupervision training) {
    float[][] pair = new Views(17).pair();
    float[] first = training.features(pair[0], BATCH);
    float[] second = training.features(pair[1], BATCH);
    int dim = first.length / BATCH;
    double own = 0;
    double others = 0;
    for (int i = 0; i < BATCH; i++) {
      for (int j = 0; j < BATCH; j++) {
        double cosine = 0;
        for (int c = 0; c < dim; c++) {
          cosine += first[i * dim + c] * second[j * dim + c];
        }
        own += i == j ? cosine / BATCH : 0;
        others += i == j ? 0 : cosine / (BATCH * (BATCH - 1));
      }
    }
    return own - others;
  }

  private static float[] rows(float[] x, int width, int from, int rows) {
    return Arrays.copyOfRange(x, from * width, (from + rows) * width);
  }

  private SelfSupervision start(Objective objective, long seed) {
    return new SelfSupervision(kernels, headed(objective), settings(objective), BATCH, seed);
  }

  private static ObjectiveSettings settings(Objective objective) {
    return ObjectiveSettings.of(
        objective, Schedules.stream(1e-3, 5, 0).withMomentum(new Constant(MOMENTUM)));
  }

  /** A narrow head of the objective. */
  private Architecture headed(Objective objective) {
    if (!(objective.headed(dino).head() instanceof MlpHead mlp)) {
      return dino;
    }
    return dino.withHead(new MlpHead(mlp.kind(), 64, 32, mlp.kind() == Kind.SIMCLR ? 0 : 32));
  }

  private static StepResult run(SelfSupervision training, Views views, int steps) {
    float[][] pair = views.pair();
    StepResult result = training.step(pair[0], pair[1]);
    return steps == 1 ? result : run(training, views, steps - 1);
  }

  private static byte[] save(SelfSupervision training) throws IOException {
    var bytes = new ByteArrayOutputStream();
    training.save(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] state) {
    return new DataInputStream(new ByteArrayInputStream(state));
  }

  /** Noisy images of a colour of their own each; the views of a pair share the colour. */
  private static final class Views {
    private static final int PLANE = 8 * 8;
    private final Random random;

    Views(long seed) {
      random = new Random(seed);
    }

    float[][] pair() {
      float[][] pair = new float[2][BATCH * 3 * PLANE];
      for (int plane = 0; plane < BATCH * 3; plane++) {
        double colour = random.nextGaussian();
        for (int i = plane * PLANE; i < (plane + 1) * PLANE; i++) {
          pair[0][i] = (float) (colour + 0.5 * random.nextGaussian());
          pair[1][i] = (float) (colour + 0.5 * random.nextGaussian());
        }
      }
      return pair;
    }
  }
}
