package stream.adasim.learner.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.checkpoint.Loaded;
import stream.adasim.learner.health.Action;
import stream.adasim.learner.health.Alarm;
import stream.adasim.learner.health.AlarmKind;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Settings;

class TrainingHealthTest {
  private static final Kernels KERNELS = Backends.open("auto", 1);
  private static final int IMAGES = 128;
  private static final DrawnImages DRAWN = new DrawnImages(IMAGES, TrainingHealthTest::draw);

  /** Settings with which these images are learnt; 400 steps pass until training has settled. */
  private static final Map<String, String> LEARNS =
      Map.of(
          "train.batch-size", "64",
          "train.learning-rate", "0.001",
          "train.warmup-steps", "100");

  /** A mini-epoch has 16 steps; alarms can be raised from the third on that begins settled. */
  private static final int CAUGHT_WITHIN = 400 + 3 * 16;

  private static final int LONG = 480;

  /**
   * Settings with which training has settled after 40 steps, so that the first alarms come at 80.
   */
  private static final Map<String, String> FAST = Map.of("train.momentum", "0.9");

  private static final int FIRST_ALARMS = 80;

  /** Settings with which hardly anything changes, so that nothing can go wrong. */
  private static final Map<String, String> STILL =
      with(FAST, Map.of("train.learning-rate", "0.000001"));

  private static final Map<String, String> NO_CENTRE = Map.of("train.centre-momentum", "1");

  /** Neither centred nor sharpened: the teacher is flatter than the student. */
  private static final Map<String, String> UNIFORM =
      with(NO_CENTRE, Map.of("train.teacher-temperature", "1"));

  @TempDir Path folder;

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
                "model.prototypes", "64",
                "train.batch-size", "16",
                "train.warmup-steps", "10",
                "train.freeze-last-layer-steps", "10",
                "train.min-votes", "1"));
    flags.putAll(more);
    return LearnerConfig.from(Settings.load(LearnerConfig.definition(), null, Map.of(), flags));
  }

  private static Training training(LearnerConfig config) {
    Training training = new Training(config, KERNELS, "model");
    DRAWN.fill(training);
    return training;
  }

  private static void draw(int i, Graphics2D graphics) {
    SplittableRandom random = new SplittableRandom(i);
    graphics.setColor(new Color(random.nextInt(1 << 24)));
    graphics.fillRect(0, 0, 12, 10);
    for (int shape = 0; shape < 3; shape++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillOval(random.nextInt(8), random.nextInt(8), 7, 6);
    }
  }

  /**
   * Every image comes first with its own votes, and those with the same label follow, near ones
   * first, on either side: whoever is named names the image, too.
   */
  private static void neighbourhoods(Training training) {
    for (int i = 0; i < IMAGES; i++) {
      List<Candidate> candidates = new ArrayList<>();
      for (int c = 0; c < 10; c++) {
        int apart = c % 2 == 0 ? 2 * c : -2 * (c + 1);
        candidates.add(DRAWN.candidate(Math.floorMod(i + apart, IMAGES), 1 - 0.01f * c));
      }
      training.neighbourhood(
          "image-" + i,
          Neighbourhood.newBuilder()
              .setCandidates(candidates)
              .setVotes(1)
              .setSelfFirst(true)
              .setSelfRankOne(true)
              .setSelfSimilarity(1)
              .setAgreement(0.5f)
              .setHubness(10)
              .setFingerprint(DRAWN.fingerprint(i))
              .setVisit(1)
              .setModelId("model")
              .setModelVersion(0)
              .build());
    }
  }

  /** Runs steps until told to stop; returns what happened in the last. */
  private static Outcome run(Training training, LearnerConfig config, int steps) {
    Outcome last = null;
    try (BatchBuilder builder = new BatchBuilder(1, config)) {
      for (int i = 0; i < steps; i++) {
        last = training.run(builder.build(training.plan()).join());
      }
    }
    if (last == null) {
      throw new IllegalArgumentException("steps=" + steps + " must be at least 1");
    }
    return last;
  }

  private static List<AlarmKind> kinds(Training training) {
    return training.health().alarms().stream().map(Alarm::kind).toList();
  }

  @Test
  void aCollapseToTheUniformDistributionIsCaughtThreeMiniEpochsAfterTrainingHasSettled() {
    LearnerConfig config = config(with(LEARNS, UNIFORM));
    try (Training training = training(config)) {
      run(training, config, CAUGHT_WITHIN);
      assertThat(kinds(training)).contains(AlarmKind.UNIFORM_COLLAPSE);
      assertThat(training.health().action()).isNotEqualTo(Action.NONE);
      assertThat(training.health().healthy()).isFalse();
    }
  }

  @Test
  void aCollapseToOneModeIsCaughtAsSoon() {
    LearnerConfig config = config(with(LEARNS, NO_CENTRE));
    try (Training training = training(config)) {
      run(training, config, CAUGHT_WITHIN);
      assertThat(kinds(training)).contains(AlarmKind.ONE_MODE_COLLAPSE);
    }
  }

  @Test
  void aHealthyRunOfTheSameLengthRaisesNone() {
    LearnerConfig config = config(LEARNS);
    try (Training training = training(config)) {
      neighbourhoods(training);
      for (int i = 0; i < LONG / 16; i++) {
        run(training, config, 16);
        assertThat(training.health().alarms()).as("step %d", training.step()).isEmpty();
      }
      assertThat(training.health().miniEpochs()).isEqualTo(LONG / 16);
      assertThat(training.health().healthy()).isTrue();
    }
  }

  @Test
  void progressSaysWhatWasMeasured() {
    LearnerConfig config = config(with(FAST, Map.of("train.temperature", "10")));
    try (Training training = training(config)) {
      neighbourhoods(training);
      Progress progress = new Progress(16, config.architecture().dim(), Instant.EPOCH);
      Outcome outcome = run(training, config, 64);
      progress.stepped(outcome, Duration.ZERO, Duration.ZERO, 0);
      TrainingProgress record = progress.take(Instant.EPOCH, training, 0, outcome.result(), 10);
      assertThat(record.getSelfRetrieval()).isEqualTo(1);
      assertThat(record.getSelfFirst()).isEqualTo(1);
      assertThat(record.getVoteAgreement()).isEqualTo(0.5);
      assertThat(record.getHubShare()).isBetween(0.0, 0.02);
      assertThat(record.getPartnerLabelAgreement()).isEqualTo(1);
      assertThat(record.getEpochBootstrappedShare()).isBetween(0.8, 1.0);
      assertThat(record.getRankMe()).isGreaterThan(1);
      assertThat(record.getAlignment()).isGreaterThan(0);
      assertThat(record.getUniformity()).isNegative();
      assertThat(record.getQuality()).isBetween(0.5, 1.0);
      assertThat(record.getAlarms()).isEmpty();
      assertThat(record.getHealthAction()).isEqualTo("none");
    }
  }

  @Test
  void withActionsOffAnAlarmIsOnlyToldOf() {
    LearnerConfig config = config(with(FAST, with(UNIFORM, Map.of("health.actions", "off"))));
    try (Training training = training(config)) {
      Outcome outcome = run(training, config, 2 * FIRST_ALARMS);
      assertThat(kinds(training)).contains(AlarmKind.UNIFORM_COLLAPSE);
      assertThat(training.health().action()).isEqualTo(Action.NONE);
      assertThat(outcome.result().teacherTemperature()).isEqualTo(1);
      TrainingProgress record = new TrainingProgress();
      training.health().report(record);
      assertThat(record.getHealthEvents())
          .isNotEmpty()
          .allSatisfy(event -> assertThat(event).contains(" alarm "))
          .filteredOn(event -> event.contains("uniform-collapse"))
          .hasSize(1);
    }
  }

  @Test
  void alarmsTurnPartnersOffThenSharpenTheTeacherThenAskForARollBack() {
    LearnerConfig config =
        config(
            with(
                FAST,
                with(UNIFORM, Map.of("train.temperature", "10", "train.learning-rate", "0.0004"))));
    try (Training training = training(config)) {
      neighbourhoods(training);
      assertThat(run(training, config, FIRST_ALARMS - 8).bootstrapped()).isPositive();
      Map<Action, Outcome> first = new HashMap<>();
      for (int i = 0; i < 100 && !training.health().rollBackWanted(); i++) {
        Action inForce = training.health().action();
        first.put(inForce, run(training, config, 1));
      }
      assertThat(first.get(Action.BOOTSTRAPPING_OFF))
          .satisfies(outcome -> assertThat(outcome.bootstrapped()).isZero())
          .satisfies(outcome -> assertThat(outcome.result().teacherTemperature()).isEqualTo(1));
      assertThat(first.get(Action.SHARPER_TEACHER))
          .satisfies(outcome -> assertThat(outcome.bootstrapped()).isZero())
          .satisfies(outcome -> assertThat(outcome.result().teacherTemperature()).isEqualTo(0.5))
          .satisfies(outcome -> assertThat(outcome.result().learningRate()).isEqualTo(0.0002));
      assertThat(training.health().rollBackWanted()).isTrue();
      TrainingProgress record = new TrainingProgress();
      training.health().report(record);
      assertThat(String.join("\n", record.getHealthEvents()))
          .contains("alarm uniform-collapse")
          .contains("action bootstrapping-off because of uniform-collapse")
          .contains("action sharper-teacher because of")
          .contains("action roll-back because of");
    }
  }

  @Test
  void aRollBackTakesTheNetworkAloneBackAndNumbersGoOn() throws IOException {
    LearnerConfig config = config(STILL);
    CheckpointStore store = new CheckpointStore(folder, 1);
    HealthyCheckpoint healthy = new HealthyCheckpoint(store);
    try (Training training = training(config)) {
      run(training, config, 90);
      assertThat(training.health().healthy()).isTrue();
      float[] weights = training.snapshot(1).weights();
      Path file = write(store, training, config);
      healthy.written(file, training.health());
      run(training, config, 16);
      healthy.follow(training.health());
      for (int i = 0; i < 3; i++) {
        run(training, config, 1);
        write(store, training, config);
      }
      assertThat(file).as("held, though one is kept").exists();
      int visits = highestVisit(training);
      try (Loaded loaded = healthy.take(List.<String>of()::add).orElseThrow()) {
        TrainerState.read(loaded.body());
        training.rollBack(loaded.body());
      }
      assertThat(Arrays.equals(training.snapshot(2).weights(), weights)).isTrue();
      assertThat(training.step()).isEqualTo(109);
      assertThat(highestVisit(training)).isEqualTo(visits);
      assertThat(run(training, config, 1).result().step()).isEqualTo(90);
      assertThat(training.step()).isEqualTo(110);
      assertThat(healthy.take(List.<String>of()::add)).as("only once").isEmpty();
      assertThat(resumed(training, config).step()).isEqualTo(110);
    }
  }

  private static int highestVisit(Training training) {
    int highest = 0;
    for (int i = 0; i < IMAGES; i++) {
      var image = training.window().get("image-" + i);
      highest = image == null ? highest : Math.max(highest, training.visitNumber(image));
    }
    return highest;
  }

  @Test
  void aCheckpointOfACollapsingMiniEpochIsNotHealthy() throws IOException {
    LearnerConfig config = config(with(FAST, UNIFORM));
    CheckpointStore store = new CheckpointStore(folder, 1);
    HealthyCheckpoint healthy = new HealthyCheckpoint(store);
    try (Training training = training(config)) {
      run(training, config, FIRST_ALARMS);
      healthy.written(write(store, training, config), training.health());
      run(training, config, 16);
      healthy.follow(training.health());
      assertThat(healthy.take(List.<String>of()::add)).isEmpty();
    }
  }

  private static Path write(CheckpointStore store, Training training, LearnerConfig config)
      throws IOException {
    var state =
        new TrainerState("model", 0, new TreeMap<>(config.architecture().toMap()), new TreeMap<>());
    return store.write(
        training.step(),
        out -> {
          state.write(out);
          training.save(out);
        });
  }

  @Test
  void healthResumedEqualsHealthUninterruptedBitForBit() throws IOException {
    LearnerConfig config = config(with(FAST, UNIFORM));
    try (Training whole = training(config);
        Training first = training(config)) {
      neighbourhoods(whole);
      neighbourhoods(first);
      run(whole, config, 120);
      run(first, config, 93); // within a mini-epoch, with an alarm and an action in force
      assertThat(first.health().bootstrappingOff()).isTrue();
      try (Training second = resumed(first, config)) {
        run(second, config, 27);
        assertThat(second.health().action()).isEqualTo(whole.health().action());
        assertThat(Arrays.equals(saved(second), saved(whole))).isTrue();
      }
    }
  }

  @Test
  void anAdaptiveTemperatureFollowsTheQualityAndGoesOnAfterARestart() throws IOException {
    LearnerConfig config = config(with(STILL, Map.of("train.temperature-mode", "adaptive")));
    try (Training whole = training(config);
        Training first = training(config)) {
      neighbourhoods(whole);
      neighbourhoods(first);
      assertThat(run(whole, config, 47).bootstrapped()).isZero();
      assertThat(whole.temperature()).as("no quality is known yet").isZero();
      assertThat(run(whole, config, 35).bootstrapped()).isPositive();
      assertThat(whole.temperature()).isPositive();
      run(first, config, 73);
      try (Training second = resumed(first, config)) {
        run(second, config, 9);
        assertThat(second.temperature()).isEqualTo(whole.temperature());
        assertThat(Arrays.equals(saved(second), saved(whole))).isTrue();
      }
    }
  }

  @Test
  void anAlarmSetsTheAdaptiveTemperatureToZero() {
    LearnerConfig config =
        config(
            with(
                FAST,
                with(
                    UNIFORM,
                    Map.of("train.temperature-mode", "adaptive", "health.actions", "off"))));
    try (Training training = training(config)) {
      neighbourhoods(training);
      run(training, config, 66);
      assertThat(training.temperature()).isPositive();
      run(training, config, FIRST_ALARMS - 66);
      assertThat(kinds(training)).contains(AlarmKind.UNIFORM_COLLAPSE);
      assertThat(training.temperature()).isZero();
    }
  }

  private static Training resumed(Training training, LearnerConfig config) throws IOException {
    Training resumed = new Training(config, KERNELS, "model");
    resumed.restore(new DataInputStream(new ByteArrayInputStream(saved(training))));
    DRAWN.fill(resumed);
    assertThat(resumed.window().finishRefill()).isZero();
    neighbourhoods(resumed);
    return resumed;
  }

  private static byte[] saved(Training training) throws IOException {
    ByteArrayOutputStream saved = new ByteArrayOutputStream();
    training.save(new DataOutputStream(saved));
    return saved.toByteArray();
  }

  private static Map<String, String> with(Map<String, String> flags, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(flags);
    all.putAll(more);
    return all;
  }
}
