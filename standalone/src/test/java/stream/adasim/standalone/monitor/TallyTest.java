package stream.adasim.standalone.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.Embedding;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;

class TallyTest {
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
  private static Kernels kernels;

  private final Tally tally = new Tally(START, 100);

  @BeforeAll
  static void open() {
    kernels = Backends.open("nd4j", 1);
  }

  @AfterAll
  static void close() {
    kernels.close();
  }

  @Test
  void countsImagesDistinctAndAllRecords() {
    tally.image(id("a"), true);
    tally.image(id("b"), true);
    tally.image(id("a"), true);
    tally.image(id("b"), false);
    tally.image(null, true);
    tally.deadLetter();

    Status status = tally.status(START.plusSeconds(1));
    assertThat(status.images()).isOne();
    assertThat(status.deleted()).isOne();
    assertThat(status.imageRecords()).isEqualTo(5);
    assertThat(status.deadLetters()).isOne();
    assertThat(status.arrivalsPerSecond()).isCloseTo(5, within(1e-9));
  }

  @Test
  void countsEmbeddingsThatWereDeletedNoMore() {
    tally.embedding(id("a"), embedding(1, 0, "cat", 0), START.plusSeconds(3));
    tally.embedding(id("b"), embedding(1, 0, null, 0), START.plusSeconds(4));
    tally.embedding(id("a"), null, START.plusSeconds(5));

    Status status = tally.status(START.plusSeconds(6));
    assertThat(status.embeddings()).isOne();
    assertThat(status.firstEmbedding()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void hasNoAccuracyWithoutLabels() {
    tally.embedding(id("a"), embedding(1, 0, null, 0), START);
    tally.embedding(id("b"), embedding(1, 0, null, 0), START);
    tally.measure(kernels);
    assertThat(tally.status(START).accuracy()).isNull();
    assertThat(tally.status(START).untrained()).isNull();
  }

  @Test
  void comparesVectorsOfTheNewestVersionThatHasAQuarterAsManyAsTheLargest() {
    // Version 0 mixes the classes up; version 1 tells them apart, but has fewer vectors.
    for (int i = 0; i < 10; i++) {
      tally.embedding(id("old" + i), embedding(1, i, i % 2 == 0 ? "cat" : "dog", 0), START);
    }
    newer("new", 2);
    tally.measure(kernels);
    assertThat(tally.status(START).accuracy())
        .satisfies(accuracy -> assertThat(accuracy.modelVersion()).isZero())
        .satisfies(accuracy -> assertThat(accuracy.images()).isEqualTo(10));

    newer("new", 4);
    tally.measure(kernels);
    assertThat(tally.status(START).accuracy()).isEqualTo(new Accuracy(1, 4, "m", 1));

    newer("old", 10);
    tally.measure(kernels);
    assertThat(tally.status(START).accuracy()).isEqualTo(new Accuracy(1, 14, "m", 1));
    assertThat(tally.status(START).untrained())
        .as("the untrained vectors stay known after they were replaced")
        .satisfies(accuracy -> assertThat(accuracy.images()).isEqualTo(10))
        .satisfies(accuracy -> assertThat(accuracy.value()).isLessThan(1));
  }

  @Test
  void samplesTheSameIdsInWhateverOrderTheyCome() {
    Tally backwards = new Tally(START, 100);
    int n = 1_000;
    Random random = new Random(3);
    List<Embedding> embeddings =
        random
            .ints(n, 0, 1_000)
            .mapToObj(x -> embedding(x, 500, x < 400 ? "cat" : "dog", 2))
            .toList();
    for (int i = 0; i < n; i++) {
      put(tally, i, embeddings.get(i));
      put(backwards, n - 1 - i, embeddings.get(n - 1 - i));
    }
    tally.measure(kernels);
    backwards.measure(kernels);
    Accuracy accuracy = Objects.requireNonNull(tally.status(START).accuracy());
    assertThat(accuracy).isEqualTo(backwards.status(START).accuracy());
    assertThat(accuracy.images()).isEqualTo(100);
    assertThat(tally.status(START).embeddings()).isEqualTo(n);
  }

  /** Vectors of version 1, the classes apart. */
  private void newer(String name, int count) {
    for (int i = 0; i < count; i++) {
      boolean cat = i % 2 == 0;
      tally.embedding(
          id(name + i), embedding(cat ? 1 : 0, cat ? 0 : 1, cat ? "cat" : "dog", 1), START);
    }
  }

  /** As the monitor does it: values that no sample wants are not decoded. */
  private static void put(Tally tally, int number, Embedding embedding) {
    byte[] id = id("image-" + number);
    if (tally.wants(id)) {
      tally.embedding(id, embedding, START);
    } else {
      tally.embedding(id, START);
    }
  }

  private static byte[] id(String id) {
    return id.getBytes(UTF_8);
  }

  private static Embedding embedding(float x, float y, @Nullable String label, long version) {
    return Embedding.newBuilder()
        .setVector(List.of(x, y))
        .setDimension(2)
        .setModelId("m")
        .setModelVersion(version)
        .setCapturedAt(START)
        .setEmbeddedAt(START)
        .setLabel(label)
        .setSourcePartition(0)
        .setSourceOffset(0)
        .build();
  }
}
