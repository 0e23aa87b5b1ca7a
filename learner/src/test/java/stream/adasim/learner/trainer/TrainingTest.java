package stream.adasim.learner.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.health.Geometry;
import stream.adasim.learner.objective.LocalViews;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.settings.SettingsException;

class TrainingTest {
  private static final Kernels KERNELS = Backends.open("auto", 1);
  private static final int IMAGES = 20;
  private static final DrawnImages DRAWN =
      new DrawnImages(
          IMAGES,
          (i, graphics) -> {
            graphics.setColor(new Color(Color.HSBtoRGB(i / (float) IMAGES, 1, 1)));
            graphics.fillOval(i % 4, i % 3, 7, 6);
          });

  @AfterAll
  static void close() {
    KERNELS.close();
  }

  private static LearnerConfig config(Map<String, String> more) {
    Map<String, String> flags =
        new HashMap<>(
            Map.of(
                "model.image-size", "8",
                "model.patch-size", "4",
                "model.prototypes", "16",
                "train.batch-size", "8",
                "train.warmup-steps", "3",
                "train.freeze-last-layer-steps", "2",
                "train.min-votes", "1"));
    flags.putAll(more);
    return LearnerConfig.from(Settings.load(LearnerConfig.definition(), null, Map.of(), flags));
  }

  private static Training training(LearnerConfig config) {
    return new Training(config, KERNELS, "model");
  }

  /**
   * A neighbourhood in which the image itself comes first and the others follow by how far their
   * numbers are, around a ring: whoever is near finds the image as near.
   */
  private static Neighbourhood neighbourhood(int self) {
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      candidates.add(DRAWN.candidate(i, 1 - 0.0001f * apart(i, self)));
    }
    candidates.sort(Comparator.comparingDouble(Candidate::getSimilarity).reversed());
    return Neighbourhood.newBuilder()
        .setCandidates(candidates.subList(0, 10))
        .setVotes(1)
        .setSelfFirst(true)
        .setSelfSimilarity(1)
        .setFingerprint(DRAWN.fingerprint(self))
        .setVisit(1)
        .setModelId("model")
        .setModelVersion(0)
        .build();
  }

  private static int apart(int i, int j) {
    return Math.min(Math.floorMod(i - j, IMAGES), Math.floorMod(j - i, IMAGES));
  }

  private static Outcome step(Training training, LearnerConfig config) {
    try (BatchBuilder builder = new BatchBuilder(2, config)) {
      return training.run(builder.build(training.plan()).join());
    }
  }

  static List<Map<String, String>> waysToChoosePartners() {
    return List.of(
        Map.of("train.temperature", "0.1"),
        Map.of("train.partner", "nearest"),
        Map.of("train.partner", "adasim-no-gate"),
        Map.of("train.partner", "random"),
        Map.of("train.partner", "oracle"),
        Map.of("train.local-views", "3"),
        Map.of("train.temperature-mode", "scheduled", "train.temperature-end", "0.2"),
        Map.of(
            "train.temperature-mode", "cosine",
            "train.temperature-end", "0.2",
            "train.temperature-steps", "8"),
        Map.of(
            "train.temperature", "0.1",
            "train.usage-penalty", "1",
            "train.reciprocal", "true",
            "train.hub-correction", "true",
            "train.most-uses", "3"));
  }

  @ParameterizedTest
  @MethodSource("waysToChoosePartners")
  void resumedTrainingEqualsUninterruptedTraining(Map<String, String> settings) throws IOException {
    LearnerConfig config = config(settings);
    try (Training whole = training(config);
        Training first = training(config);
        Training second = training(config)) {
      for (Training training : List.of(whole, first)) {
        DRAWN.fill(training);
        for (int i = 0; i < IMAGES; i++) {
          training.neighbourhood("image-" + i, neighbourhood(i));
        }
      }
      for (int i = 0; i < 10; i++) {
        step(whole, config);
      }
      for (int i = 0; i < 4; i++) {
        step(first, config);
      }
      ByteArrayOutputStream saved = new ByteArrayOutputStream();
      first.save(new DataOutputStream(saved));
      second.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
      DRAWN.fill(second);
      assertThat(second.window().finishRefill()).isZero();
      for (int i = 0; i < IMAGES; i++) {
        second.neighbourhood("image-" + i, neighbourhood(i));
      }
      for (int i = 0; i < 6; i++) {
        step(second, config);
      }
      assertThat(second.step()).isEqualTo(whole.step()).isEqualTo(10);
      assertThat(Arrays.equals(second.snapshot(0).weights(), whole.snapshot(0).weights())).isTrue();
    }
  }

  @Test
  void keptPixelsSaveDecodingAndChangeNothing() {
    LearnerConfig config = config(Map.of());
    try (Training kept = training(config);
        Training encoded = training(config);
        BatchBuilder builder = new BatchBuilder(1, config)) {
      DRAWN.fill(kept, true);
      DRAWN.fill(encoded);
      Batch a = builder.build(kept.plan()).join();
      Batch b = builder.build(encoded.plan()).join();
      assertThat(a.decodings()).hasValue(0);
      assertThat(b.decodings()).hasValue(config.training().batchSize());
      assertThat(a.first()).containsExactly(b.first());
      assertThat(a.second()).containsExactly(b.second());
      assertThat(a.query()).containsExactly(b.query());
    }
  }

  @Test
  void theNumberOfAugmentationThreadsChangesNothing() {
    LearnerConfig config = config(Map.of());
    try (Training training = training(config);
        BatchBuilder one = new BatchBuilder(1, config);
        BatchBuilder three = new BatchBuilder(3, config)) {
      DRAWN.fill(training);
      List<Pair> pairs = training.plan();
      Batch a = one.build(pairs).join();
      Batch b = three.build(pairs).join();
      assertThat(a.first()).containsExactly(b.first());
      assertThat(a.second()).containsExactly(b.second());
      assertThat(a.stored()).containsExactly(b.stored());
      assertThat(a.query()).containsExactly(b.query());
    }
  }

  @Test
  void localViewsComeOnTopAndChangeNoOtherView() {
    LearnerConfig without = config(Map.of());
    LearnerConfig with = config(Map.of("train.local-views", "2", "train.local-size", "4"));
    try (Training training = training(without);
        BatchBuilder two = new BatchBuilder(1, without);
        BatchBuilder one = new BatchBuilder(1, with);
        BatchBuilder three = new BatchBuilder(3, with)) {
      DRAWN.fill(training);
      List<Pair> pairs = training.plan();
      Batch plain = two.build(pairs).join();
      Batch a = one.build(pairs).join();
      assertThat(plain.local()).isEmpty();
      assertThat(a.first()).containsExactly(plain.first());
      assertThat(a.second()).containsExactly(plain.second());
      assertThat(a.query()).containsExactly(plain.query());
      int length = pairs.size() * 3 * 4 * 4;
      assertThat(a.local()).hasSize(2 * length).doesNotContain(0);
      assertThat(Arrays.copyOf(a.local(), length))
          .isNotEqualTo(Arrays.copyOfRange(a.local(), length, 2 * length));
      assertThat(three.build(pairs).join().local()).containsExactly(a.local());
    }
  }

  @Test
  void saysWhichLocalViewsAreNone() {
    for (String size : List.of("8", "6", "12")) {
      assertThatExceptionOfType(SettingsException.class)
          .isThrownBy(() -> config(Map.of("train.local-views", "2", "train.local-size", size)))
          .withMessageContaining("train.local-size=" + size)
          .withMessageContaining("model.image-size=8");
    }
    assertThatExceptionOfType(SettingsException.class)
        .isThrownBy(() -> config(Map.of("train.local-views", "2", "train.objective", "byol")))
        .withMessageContaining("train.local-views=2 must be 0 with train.objective=byol");
    assertThat(config(Map.of("train.local-views", "2")).training().localViews())
        .isEqualTo(new LocalViews(2, 4));
  }

  @Test
  void temperatureZeroIsPlainSelfDistillationBitForBit() {
    LearnerConfig self = config(Map.of("train.partner", "self"));
    LearnerConfig cold = config(Map.of("train.temperature", "0"));
    try (Training plain = training(self);
        Training adasim = training(cold)) {
      DRAWN.fill(plain);
      DRAWN.fill(adasim);
      for (int i = 0; i < IMAGES; i++) {
        adasim.neighbourhood("image-" + i, neighbourhood(i));
      }
      int open = 0;
      for (int i = 0; i < 5; i++) {
        step(plain, self);
        open += step(adasim, cold).gatesOpen();
      }
      assertThat(open).isEqualTo(40);
      assertThat(Arrays.equals(adasim.snapshot(0).weights(), plain.snapshot(0).weights())).isTrue();
    }
  }

  @Test
  void openGatesBootstrapFromImagesOfTheWindow() {
    LearnerConfig config = config(Map.of("train.temperature", "10"));
    try (Training training = training(config)) {
      DRAWN.fill(training);
      for (int i = 0; i < IMAGES; i++) {
        training.neighbourhood("image-" + i, neighbourhood(i));
      }
      Outcome outcome = step(training, config);
      assertThat(outcome.gatesOpen()).isEqualTo(8);
      // Ten candidates as good as equal: about one image in ten keeps itself.
      assertThat(outcome.bootstrapped()).isBetween(4, 8);
    }
  }

  @Test
  void aDeletedImageIsNeverDrawnAgain() {
    LearnerConfig config = config(Map.of("train.temperature", "10"));
    try (Training training = training(config)) {
      DRAWN.fill(training);
      for (int i = 0; i < IMAGES; i++) {
        training.neighbourhood("image-" + i, neighbourhood(i));
      }
      training.window().delete("image-0", 0, 100);
      for (int i = 0; i < 30; i++) {
        assertThat(training.plan())
            .noneMatch(pair -> pair.image().id().equals("image-0"))
            .noneMatch(pair -> pair.choice().partner().id().equals("image-0"));
      }
    }
  }

  @Test
  void everyVisitCarriesUnitVectorsAndTheImagesVisitNumber() {
    LearnerConfig config = config(Map.of());
    try (Training training = training(config)) {
      DRAWN.fill(training);
      for (Visit visit : step(training, config).visits()) {
        assertThat(norm(visit.vector())).isCloseTo(1, within());
        assertThat(norm(visit.query())).isCloseTo(1, within());
        assertThat(visit.vector()).isNotEqualTo(visit.query());
        assertThat(visit.image().visits()).isEqualTo(1);
      }
    }
  }

  @Test
  void aTakenOverModelGoesOnFromItsWeightsAndNumbersVisitsAboveAllEarlierOnes() {
    LearnerConfig config = config(Map.of());
    try (Training first = training(config);
        Training second = training(config)) {
      DRAWN.fill(first);
      for (int i = 0; i < 6; i++) {
        step(first, config);
      }
      second.takeOver(first.snapshot(3));
      assertThat(Arrays.equals(second.snapshot(3).weights(), first.snapshot(3).weights())).isTrue();
      DRAWN.fill(second);
      for (Visit visit : step(second, config).visits()) {
        assertThat(second.visitNumber(visit.image())).isEqualTo(7);
      }
      assertThat(second.step()).isEqualTo(7);
    }
  }

  @Test
  void faithfulVotesUseTheTrainingViewAlone() {
    LearnerConfig config = config(Map.of("train.votes", "faithful"));
    try (Training training = training(config)) {
      DRAWN.fill(training);
      Outcome outcome = step(training, config);
      int dim = config.architecture().dim();
      assertThat(outcome.visits().get(1).vector())
          .containsExactly(Arrays.copyOfRange(outcome.result().firstFeatures(), dim, 2 * dim));
      assertThat(outcome.visits().get(1).query()).isEmpty();
    }
  }

  @Test
  void refusesACheckpointWhileABatchIsPlanned() {
    LearnerConfig config = config(Map.of());
    try (Training training = training(config)) {
      DRAWN.fill(training);
      training.plan();
      assertThatThrownBy(() -> training.save(new DataOutputStream(new ByteArrayOutputStream())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("step 1 is planned");
    }
  }

  @Test
  void featureSpreadIsOneForIsotropicFeaturesAndZeroForCollapsedOnes() {
    SplittableRandom random = new SplittableRandom(7);
    int dim = 64;
    float[] features = new float[2000 * dim];
    for (int r = 0; r < 2000; r++) {
      double squares = 0;
      for (int d = 0; d < dim; d++) {
        features[r * dim + d] = (float) random.nextGaussian();
        squares += features[r * dim + d] * features[r * dim + d];
      }
      for (int d = 0; d < dim; d++) {
        features[r * dim + d] /= (float) Math.sqrt(squares);
      }
    }
    assertThat(Geometry.featureStd(features, 2000, dim))
        .isCloseTo(1, org.assertj.core.api.Assertions.within(0.02));
    Arrays.fill(features, 0.125f);
    assertThat(Geometry.featureStd(features, 2000, dim)).isCloseTo(0, within());
  }

  private static double norm(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    return Math.sqrt(squares);
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.api.Assertions.within(1e-4);
  }
}
