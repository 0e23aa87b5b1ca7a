package stream.adasim.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.streams.KeyValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.OfflineMemory.Published;
import stream.adasim.indexer.OfflineMemory.Visited;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.wire.Vectors;

class OfflineMemoryTest {
  private static final Kernels KERNELS = Backends.open("auto", 1);
  private static final int IMAGES = 30;
  private static final int BATCH = 6;
  private static final int STEPS = 40;
  private static final int CAPACITY = 20;

  @AfterAll
  static void close() {
    KERNELS.close();
  }

  private static IndexerConfig config() {
    return IndexerConfig.from(
        Settings.load(
            IndexerConfig.definition(),
            null,
            Map.of(),
            Map.of(
                "memory.capacity", Integer.toString(CAPACITY),
                "memory.top-k", "4",
                "memory.votes", "3",
                "memory.same-source-gap", "3s",
                "memory.near-duplicate-cosine", "0.999")));
  }

  /** Steps that draw images anew each time, some twice in a row, and a few of changed content. */
  private static List<List<Visited>> steps() {
    SplittableRandom random = new SplittableRandom(11);
    int[] visits = new int[IMAGES];
    List<List<Visited>> steps = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      List<Visited> batch = new ArrayList<>();
      List<Integer> drawn = random.ints(0, IMAGES).distinct().limit(BATCH).boxed().toList();
      for (int image : drawn) {
        boolean weak = step % 2 == 0;
        batch.add(
            new Visited(
                "image-" + image,
                step > 30 && image < 3 ? 8 : 7,
                ++visits[image],
                step,
                Drawn.MODEL,
                "camera-" + image % 2,
                "cat",
                Drawn.CAPTURED.plusSeconds(image),
                Drawn.unit(random, 5),
                weak ? Drawn.unit(random, 5) : new float[0]));
      }
      steps.add(batch);
    }
    return steps;
  }

  private static Representation message(Visited visited) {
    return Drawn.visit(visited.visit(), visited.vector())
        .setQuery(Vectors.of(visited.query()))
        .setStep(visited.step())
        .setFingerprint(visited.fingerprint())
        .setSource(visited.source())
        .setLabel(visited.label())
        .setCapturedAt(visited.capturedAt())
        .build();
  }

  @Test
  void publishesWhatTheStreamPublishes(@TempDir Path stateDir) {
    OfflineMemory memory = new OfflineMemory(config(), KERNELS);
    MemoryConfig same = new MemoryConfig(CAPACITY, 1, 0, 4, 3, 1, config().exclusions());
    try (Harness stream =
        new Harness(
            KERNELS,
            same,
            new Batching(BATCH, Duration.ofMillis(5)),
            stateDir,
            PlainSerde.of(Representation.class))) {
      int deletions = 0;
      for (List<Visited> step : steps()) {
        List<KeyValue<String, @Nullable Neighbourhood>> offline = new ArrayList<>();
        for (Published published : memory.visits(step)) {
          offline.add(new KeyValue<>(published.id(), withoutVersion(published.neighbourhood())));
          deletions += published.neighbourhood() == null ? 1 : 0;
        }
        step.forEach(visited -> stream.send(visited.id(), message(visited)));
        List<KeyValue<String, @Nullable Neighbourhood>> online =
            stream.neighbours().stream()
                .map(record -> new KeyValue<>(record.key, withoutVersion(record.value)))
                .toList();
        assertThat(offline).isEqualTo(online);
      }
      assertThat(deletions).as("images that had to leave the memory").isPositive();
      assertThat(memory.size()).isEqualTo(CAPACITY);
    }
  }

  /** The stream's visits name the version of the newest snapshot, of which there is none here. */
  private static @Nullable Neighbourhood withoutVersion(@Nullable Neighbourhood neighbourhood) {
    if (neighbourhood != null) {
      neighbourhood.setModelVersion(0);
    }
    return neighbourhood;
  }

  @Test
  void aRedeliveredVisitIsCountedOnce() {
    OfflineMemory memory = new OfflineMemory(config(), KERNELS);
    List<Visited> first = steps().getFirst();
    memory.visits(first);

    assertThat(memory.visits(first)).isEmpty();
  }

  @Test
  void restoredGoesOnAsIfNothingHadHappened() throws IOException {
    OfflineMemory whole = new OfflineMemory(config(), KERNELS);
    OfflineMemory first = new OfflineMemory(config(), KERNELS);
    List<List<Visited>> steps = steps();
    for (List<Visited> step : steps.subList(0, STEPS / 2)) {
      whole.visits(step);
      first.visits(step);
    }
    ByteArrayOutputStream saved = new ByteArrayOutputStream();
    first.save(new DataOutputStream(saved));
    OfflineMemory second = new OfflineMemory(config(), KERNELS);
    second.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));

    boolean hubs = false;
    for (List<Visited> step : steps.subList(STEPS / 2, STEPS)) {
      List<Published> expected = whole.visits(step);
      assertThat(second.visits(step)).isEqualTo(expected);
      hubs |=
          expected.stream()
              .anyMatch(
                  published ->
                      published.neighbourhood() != null
                          && published.neighbourhood().getHubness() != null
                          && published.neighbourhood().getHubness() > 0);
    }
    assertThat(hubs).as("an image that others' votes named").isTrue();
    ByteArrayOutputStream one = new ByteArrayOutputStream();
    ByteArrayOutputStream other = new ByteArrayOutputStream();
    whole.save(new DataOutputStream(one));
    second.save(new DataOutputStream(other));
    assertThat(other.toByteArray()).isEqualTo(one.toByteArray());
  }
}
