package stream.adasim.standalone.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.trainer.OfflineImage;
import stream.adasim.learner.trainer.OfflineStep;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet;

class OfflineLoopTest {
  private static final Kernels KERNELS = Backends.open("auto", 1);
  private static final int STEPS = 40;

  private static final List<OfflineImage> IMAGES =
      ImageSet.read("synthetic:24", 24, DecodeLimits.DEFAULT, 8).images().stream()
          .map(OfflineLoopTest::image)
          .toList();

  @AfterAll
  static void close() {
    KERNELS.close();
  }

  private static OfflineImage image(Example image) {
    return new OfflineImage(
        image.id(),
        image.bytes(),
        image.pixels(),
        image.source(),
        image.label(),
        image.capturedAt());
  }

  private static OfflineLoop loop(int augmentThreads, String votes, int seed) {
    OfflineLoop loop = empty(augmentThreads, votes, seed);
    IMAGES.subList(0, 16).forEach(loop.training()::put);
    return loop;
  }

  private static OfflineLoop empty(int augmentThreads, String votes, int seed) {
    Map<String, String> learner =
        new HashMap<>(
            Map.of(
                "model.image-size", "8",
                "model.patch-size", "4",
                "model.prototypes", "16",
                "train.batch-size", "6",
                "train.warmup-steps", "3",
                "train.freeze-last-layer-steps", "2",
                "train.min-votes", "1",
                "train.temperature", "0.5",
                "window.images", "20"));
    learner.put("train.votes", votes);
    learner.put("seed", Integer.toString(seed));
    return new OfflineLoop(
        LearnerConfig.from(Settings.load(LearnerConfig.definition(), null, Map.of(), learner)),
        IndexerConfig.from(
            Settings.load(
                IndexerConfig.definition(),
                null,
                Map.of(),
                Map.of("memory.capacity", "22", "memory.votes", "3", "memory.top-k", "5"))),
        KERNELS,
        augmentThreads);
  }

  /** Steps between which images arrive, so that others have to leave window and memory. */
  private static int run(OfflineLoop loop, int from, int to) {
    int bootstrapped = 0;
    for (int step = from; step < to; step++) {
      if (step % 4 == 0) {
        loop.training().put(IMAGES.get((16 + step / 4) % IMAGES.size()));
      }
      OfflineStep done = loop.step();
      bootstrapped +=
          (int) done.visits().stream().filter(visit -> visit.choice().bootstrapped()).count();
    }
    return bootstrapped;
  }

  @ParameterizedTest
  @ValueSource(strings = {"faithful", "clean", "weak"})
  void theSameSeedGivesTheSameWeightsHoweverManyThreadsAugment(String votes) {
    try (OfflineLoop one = loop(1, votes, 5);
        OfflineLoop other = loop(3, votes, 5);
        OfflineLoop seed = loop(1, votes, 6)) {
      int bootstrapped = run(one, 0, STEPS);
      run(other, 0, STEPS);
      run(seed, 0, STEPS);

      assertThat(other.training().teacher()).isEqualTo(one.training().teacher());
      assertThat(seed.training().teacher()).isNotEqualTo(one.training().teacher());
      if (votes.equals("clean")) {
        assertThat(bootstrapped).as("images whose partner was another image").isPositive();
      }
    }
  }

  @Test
  void stoppedAndResumedEqualsUninterrupted() throws IOException {
    try (OfflineLoop whole = loop(1, "clean", 5);
        OfflineLoop first = loop(1, "clean", 5);
        OfflineLoop second = empty(1, "clean", 5)) {
      run(whole, 0, STEPS);
      run(first, 0, STEPS / 2);
      ByteArrayOutputStream saved = new ByteArrayOutputStream();
      first.save(new DataOutputStream(saved));
      second.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())), IMAGES);
      int bootstrapped = run(second, STEPS / 2, STEPS);

      assertThat(bootstrapped).as("images whose partner was another image").isPositive();
      assertThat(second.training().teacher()).isEqualTo(whole.training().teacher());
      ByteArrayOutputStream one = new ByteArrayOutputStream();
      ByteArrayOutputStream other = new ByteArrayOutputStream();
      whole.save(new DataOutputStream(one));
      second.save(new DataOutputStream(other));
      assertThat(other.toByteArray()).isEqualTo(one.toByteArray());
    }
  }
}
