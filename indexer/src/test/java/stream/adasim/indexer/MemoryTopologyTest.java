package stream.adasim.indexer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.BankStore;
import stream.adasim.indexer.memory.Exclusions;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.memory.Model;
import stream.adasim.schemas.registry.RegistryUnavailableException;
import stream.adasim.schemas.wire.Vectors;

class MemoryTopologyTest {
  private static final MemoryConfig CONFIG = new MemoryConfig(64, 1, 0, 3, 3, 1, Exclusions.NONE);

  private final Kernels kernels = Backends.open("auto", 1);
  private final Harness app;

  MemoryTopologyTest(@TempDir Path stateDir) {
    app = new Harness(kernels, CONFIG, stateDir);
  }

  @AfterEach
  void close() {
    app.close();
    kernels.close();
  }

  // Arrivals

  @Test
  void publishesAnArrivalAsAnEmbedding() {
    app.send("a", Drawn.arrival(5, "m", 2, Drawn.at(30)));

    List<KeyValue<String, Embedding>> published = app.embeddings();
    assertThat(published).hasSize(1);
    assertThat(published.getFirst().key).isEqualTo("a");
    Embedding embedding = published.getFirst().value;
    assertThat(Vectors.toArray(embedding.getVector())).isEqualTo(Drawn.at(30));
    assertThat(embedding.getDimension()).isEqualTo(2);
    assertThat(embedding.getModelId()).isEqualTo("m");
    assertThat(embedding.getModelVersion()).isEqualTo(2);
    assertThat(embedding.getCapturedAt()).isEqualTo(Drawn.CAPTURED);
    assertThat(embedding.getEmbeddedAt()).isEqualTo(app.now());
    assertThat(embedding.getSource()).isEqualTo("camera");
    assertThat(embedding.getLabel()).isNull();
    assertThat(embedding.getSourceOffset()).isEqualTo(5);
    assertThat(app.neighbours()).isEmpty();
    assertThat(app.published()).isEqualTo(Map.of("a", embedding));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void anOlderArrivalNeverWinsInWhateverOrderTheyCome(long seed) {
    List<long[]> offsetsAndVersions = new ArrayList<>();
    for (long offset = 10; offset <= 30; offset += 10) {
      for (long version = 0; version < 3; version++) {
        offsetsAndVersions.add(new long[] {offset, version});
      }
    }
    Collections.shuffle(offsetsAndVersions, new Random(seed));

    offsetsAndVersions.forEach(o -> app.send("a", Drawn.arrival(o[0], "m", o[1], Drawn.at(1))));

    List<Long> ages =
        app.embeddings().stream()
            .map(e -> e.value.getSourceOffset() * 10 + e.value.getModelVersion())
            .toList();
    assertThat(ages).as("seed %d", seed).isSorted().doesNotHaveDuplicates();
    assertThat(ages.getLast()).isEqualTo(302);
    assertThat(app.counters.counts().dropped().get(Drop.NOT_NEWER))
        .isEqualTo(offsetsAndVersions.size() - ages.size());
  }

  @Test
  void tellsAnArrivalFromOneThatIsEmbeddedAgain() {
    app.send("a", Drawn.arrival(5, "m", 1, Drawn.at(1)));
    app.send("a", Drawn.arrival(5, "m", 2, Drawn.at(2)));
    app.send("a", Drawn.arrival(6, "m", 2, Drawn.at(3)));
    app.send("a", Drawn.deletion(7));
    app.send("a", Drawn.arrival(8, "m", 2, Drawn.at(4)));

    assertThat(app.embeddings().stream().filter(e -> e.value != null))
        .extracting(e -> e.value.getRefreshed())
        .containsExactly(false, true, false, false);
  }

  @Test
  void anotherModelWinsAtTheSameOffset() {
    app.send("a", Drawn.arrival(5, "m", 9, Drawn.at(1)));
    app.send("a", Drawn.arrival(5, "n", 0, new float[] {0, 0, 1}));

    assertThat(app.embeddings()).extracting(e -> e.value.getModelId()).containsExactly("m", "n");
  }

  // Votes

  @Test
  void theFirstVisitCastsNoVote() {
    app.send("other", Drawn.visit(1, Drawn.at(0)).build());
    app.send("a", Drawn.visit(1, Drawn.at(1)).build());

    assertThat(app.neighbours()).isEmpty();
    assertThat(app.state(IndexerTopology.BANK)).containsOnlyKeys("a", "other");
  }

  @Test
  void readsTheMemoryBeforeItWritesTheVisit() {
    app.send("a", Drawn.visit(1, Drawn.at(0)).build());
    app.send("b", Drawn.visit(1, Drawn.at(50)).build());

    app.send("a", Drawn.visit(2, Drawn.at(60)).build());

    // Had the new vector been written first, a would have found itself with cosine 1.
    Neighbourhood found = app.neighbourhood();
    assertThat(found.getCandidates()).extracting(Candidate::getId).containsExactly("b", "a");
    assertThat(found.getCandidates().getLast().getSimilarity()).isCloseTo(0.5f, within(1e-6f));
    assertThat(found.getSelfFirst()).isFalse();
    assertThat(found.getSelfRankOne()).isFalse();

    app.send("b", Drawn.visit(2, Drawn.at(60)).build());

    assertThat(app.neighbourhood().getCandidates())
        .extracting(Candidate::getId)
        .containsExactly("a", "b");
  }

  @Test
  void searchesWithTheQueryAndStoresTheVector() {
    app.send("a", Drawn.visit(1, Drawn.at(0)).build());
    app.send("b", Drawn.visit(1, Drawn.at(90)).build());
    app.send("a", Drawn.visit(2, Drawn.at(0)).setQuery(Vectors.of(Drawn.at(80))).build());

    assertThat(app.neighbourhood().getCandidates())
        .extracting(Candidate::getId)
        .containsExactly("b", "a");
    byte[] stored = HexFormat.of().parseHex(app.state(IndexerTopology.BANK).get("a"));
    assertThat(Memory.decode(stored).vector()).isEqualTo(Drawn.at(0));
  }

  @Test
  void addsVotesUpAndForgetsTheOldestWhenTheRingIsFull() {
    app.send("b", Drawn.visit(1, Drawn.at(0)).build());
    app.send("a", Drawn.visit(1, Drawn.at(0)).build());
    app.send("a", Drawn.visit(2, Drawn.at(0)).build());
    app.send("a", Drawn.visit(3, Drawn.at(0)).build());
    app.send("a", Drawn.visit(4, Drawn.at(0)).build());
    Neighbourhood full = app.neighbourhood();
    app.send("b", Drawn.deletion(3));

    app.send("a", Drawn.visit(5, Drawn.at(0)).build());
    Neighbourhood wrapped = app.neighbourhood();

    assertThat(full.getVotes()).isEqualTo(3);
    assertThat(full.getCandidates()).extracting(Candidate::getVotes).containsExactly(3, 3);
    assertThat(full.getAgreement()).isEqualTo(1f);
    assertThat(full.getSelfSimilarity()).isEqualTo(3f);
    // b stays in the ranking for the votes that named it while it existed.
    assertThat(wrapped.getVotes()).isEqualTo(3);
    assertThat(wrapped.getCandidates()).extracting(Candidate::getId).containsExactly("a", "b");
    assertThat(wrapped.getCandidates()).extracting(Candidate::getVotes).containsExactly(3, 2);
    assertThat(wrapped.getSelfFirst()).isTrue();
    assertThat(wrapped.getAgreement()).isEqualTo(0.5f);
    assertThat(wrapped.getVisit()).isEqualTo(5);
    assertThat(wrapped.getStep()).isEqualTo(105);
  }

  @Test
  void publishesNoMoreThanTheLargestCandidates() {
    for (int i = 0; i < 8; i++) {
      app.send("image-" + i, Drawn.visit(1, Drawn.at(10 * i)).build());
    }
    app.send("image-0", Drawn.visit(2, Drawn.at(70)).build());
    app.send("image-0", Drawn.visit(3, Drawn.at(0)).build());

    Neighbourhood found = app.neighbourhood();
    assertThat(found.getCandidates()).hasSize(3);
    assertThat(found.getCandidates())
        .extracting(Candidate::getSimilarity)
        .isSortedAccordingTo((x, y) -> Float.compare(y, x));
  }

  @Test
  void saysSoWhenTheImageItselfIsNotFound() {
    for (int i = 0; i < 4; i++) {
      app.send("image-" + i, Drawn.visit(1, Drawn.at(i)).build());
    }
    app.send("far", Drawn.visit(1, Drawn.at(180)).build());
    app.send("far", Drawn.visit(2, Drawn.at(0)).build());

    Neighbourhood found = app.neighbourhood();
    assertThat(found.getCandidates()).extracting(Candidate::getId).doesNotContain("far");
    assertThat(found.getSelfFirst()).isFalse();
    assertThat(found.getSelfSimilarity()).isZero();
  }

  @Test
  void replacedContentStartsItsVotesAnew() {
    app.send("a", Drawn.visit(1, Drawn.at(0)).build());
    app.send("a", Drawn.visit(2, Drawn.at(0)).build());
    app.neighbours();

    app.send("a", Drawn.visit(3, Drawn.at(90)).setFingerprint(8).build());
    assertThat(app.neighbours()).isEmpty();
    app.send("a", Drawn.visit(4, Drawn.at(90)).setFingerprint(8).build());

    Neighbourhood found = app.neighbourhood();
    assertThat(found.getVotes()).isEqualTo(1);
    assertThat(found.getFingerprint()).isEqualTo(8);
    assertThat(found.getSelfRankOne()).isTrue();
    assertThat(found.getAgreement()).isNull();
  }

  @Test
  void anotherModelStartsAnewAndNeverSeesTheOldVectors() {
    for (int i = 0; i < 40; i++) {
      app.send("image-" + i, Drawn.visit(1, Drawn.at(i)).build());
    }
    float[] vector = {0, 0, 1};
    app.send("image-0", Drawn.visit(1, vector).setModelId("new").build());
    app.send("image-0", Drawn.visit(2, vector).setModelId("new").build());

    // What the old model's vectors voted for is taken back as they go.
    List<KeyValue<String, Neighbourhood>> published = app.neighbours();
    assertThat(published).hasSizeGreaterThan(30).filteredOn(n -> n.value != null).hasSize(1);
    Neighbourhood found =
        published.stream().filter(n -> n.value != null).findFirst().orElseThrow().value;
    assertThat(found.getModelId()).isEqualTo("new");
    assertThat(found.getVotes()).isEqualTo(1);
    assertThat(found.getCandidates()).extracting(Candidate::getId).containsExactly("image-0");

    app.send("image-0", Drawn.visit(3, vector).setModelId("new").build());

    assertThat(app.state(IndexerTopology.BANK)).containsOnlyKeys("image-0");
    assertThat(app.bank.dimension(Model.hash(Drawn.MODEL))).isZero();
  }

  // Memory

  @Test
  void keepsItsCapacityAndLetsTheOldestGoFirst() {
    for (int i = 0; i < 64; i++) {
      app.send("image-" + i, Drawn.visit(1, Drawn.at(i)).build());
    }
    app.send("image-0", Drawn.visit(2, Drawn.at(0)).build());
    app.send("new-1", Drawn.visit(1, Drawn.at(100)).build());
    app.send("new-2", Drawn.visit(1, Drawn.at(101)).build());

    assertThat(app.state(IndexerTopology.BANK))
        .hasSize(64)
        .containsKeys("image-0", "image-3", "new-1", "new-2")
        .doesNotContainKeys("image-1", "image-2");
    assertThat(app.bank.count(Model.hash(Drawn.MODEL))).isEqualTo(64);
  }

  @Test
  void anImageThatHadToLeaveLosesItsVotesAndKeepsItsEmbedding() {
    app.send("evicted", Drawn.arrival(1, Drawn.MODEL, 0, Drawn.at(0)));
    app.send("evicted", Drawn.visit(1, Drawn.at(0)).setSourceOffset(1).build());
    app.send("evicted", Drawn.visit(2, Drawn.at(0)).setSourceOffset(1).build());
    assertThat(app.neighbours()).hasSize(1);
    for (int i = 0; i < 64; i++) {
      app.send("image-" + i, Drawn.visit(1, Drawn.at(i)).build());
    }

    assertThat(app.neighbours()).containsExactly(KeyValue.pair("evicted", null));
    assertThat(app.state(IndexerTopology.RINGS)).hasSize(64).doesNotContainKey("evicted");
    assertThat(app.published()).containsOnlyKeys("evicted");

    app.send("evicted", Drawn.visit(3, Drawn.at(0)).setSourceOffset(1).build());
    assertThat(app.neighbours()).containsExactly(KeyValue.pair("image-0", null));

    app.send("evicted", Drawn.visit(4, Drawn.at(0)).setSourceOffset(1).build());
    assertThat(app.neighbours()).singleElement().extracting(n -> n.value.getVotes()).isEqualTo(1);
  }

  @Test
  void tellsHowOftenVotesOfOthersNamedAnImageSinceItsVisitBefore() {
    for (String id : List.of("a", "b", "c")) {
      app.send(id, Drawn.visit(1, Drawn.at(0)).build());
    }
    app.send("b", Drawn.visit(2, Drawn.at(0)).build());
    app.send("c", Drawn.visit(2, Drawn.at(0)).build());
    app.send("a", Drawn.visit(2, Drawn.at(0)).build());
    Neighbourhood first = app.neighbourhood();
    app.send("a", Drawn.visit(3, Drawn.at(0)).build());

    assertThat(first.getHubness()).isEqualTo(2);
    assertThat(app.neighbourhood().getHubness()).isZero();
  }

  // Exclusions

  @Test
  void leavesNearDuplicatesAndFramesOfTheSameMomentOutOfAVote(@TempDir Path stateDir) {
    Exclusions exclusions = new Exclusions(0.98, Duration.ofSeconds(10));
    MemoryConfig config = new MemoryConfig(64, 1, 0, 3, 3, 1, exclusions);
    try (Harness strict = new Harness(kernels, config, stateDir)) {
      strict.send("same", Drawn.visit(1, Drawn.at(13)).setSource("other").build());
      strict.send("frame", captured(9, 40).build());
      strict.send("later", captured(10, 50).build());
      strict.send("elsewhere", captured(1, 60).setSource("other").build());
      strict.send("a", captured(0, 0).build());

      strict.send("a", captured(0, 1).setVisit(2).build());

      assertThat(strict.neighbourhood().getCandidates())
          .extracting(Candidate::getId)
          .containsExactly("a", "same", "later");

      // Two degrees away, and then three: both closer than cosine .98.
      strict.send("same", Drawn.visit(2, Drawn.at(3)).setSource("other").build());

      assertThat(strict.neighbourhood().getCandidates())
          .extracting(Candidate::getId)
          .containsExactly("same", "frame", "later");
    }
  }

  private static Representation.Builder captured(int second, int degrees) {
    return Drawn.visit(1, Drawn.at(degrees)).setCapturedAt(Drawn.CAPTURED.plusSeconds(second));
  }

  // Batches

  @Test
  void searchesABatchInTheMemoryAsItWasBeforeAnyOfItWasWritten(@TempDir Path stateDir) {
    try (Harness batches = batches(stateDir)) {
      batches.send("a", Drawn.visit(1, Drawn.at(0)).build());
      batches.send("b", Drawn.visit(1, Drawn.at(50)).build());
      assertThat(batches.state(IndexerTopology.BANK)).containsOnlyKeys("a", "b");

      batches.send("a", Drawn.visit(2, Drawn.at(60)).build());
      assertThat(batches.neighbours()).isEmpty();
      batches.send("b", Drawn.visit(2, Drawn.at(60)).build());

      assertThat(batches.neighbours())
          .extracting(n -> n.key + " finds a at " + similarity(n.value, "a"))
          .containsExactly("a finds a at 0.5", "b finds a at 0.5");
    }
  }

  @Test
  void searchesForAFewOnceTheyHaveWaitedLongEnough(@TempDir Path stateDir) {
    try (Harness batches = batches(stateDir)) {
      batches.send("a", Drawn.visit(1, Drawn.at(0)).build());
      assertThat(batches.state(IndexerTopology.BANK)).isEmpty();

      batches.passOnTheClock(Duration.ofMillis(5));

      assertThat(batches.state(IndexerTopology.BANK)).containsOnlyKeys("a");
    }
  }

  @Test
  void waitsFromAQueryOnAndNotFromTheLastSearch(@TempDir Path stateDir) {
    try (Harness batches = batches(stateDir)) {
      batches.send("a", Drawn.visit(1, Drawn.at(0)).build());
      batches.passOnTheClock(Duration.ofMillis(5));
      batches.passOnTheClock(Duration.ofMillis(3));

      batches.send("b", Drawn.visit(1, Drawn.at(0)).build());
      batches.passOnTheClock(Duration.ofMillis(4));
      assertThat(batches.state(IndexerTopology.BANK)).containsOnlyKeys("a");

      batches.passOnTheClock(Duration.ofMillis(1));
      assertThat(batches.state(IndexerTopology.BANK)).containsOnlyKeys("a", "b");
    }
  }

  @Test
  void anImageThatWaitsIsAnsweredBeforeTheNextIsTakenOfIt(@TempDir Path stateDir) {
    try (Harness batches = batches(stateDir)) {
      batches.send("a", Drawn.visit(1, Drawn.at(0)).build());
      batches.send("a", Drawn.visit(2, Drawn.at(0)).build());
      batches.send("a", Drawn.visit(2, Drawn.at(0)).build());

      assertThat(batches.neighbours())
          .singleElement()
          .extracting(n -> n.value.getVotes())
          .isEqualTo(1);
      assertThat(batches.counters.counts().dropped().get(Drop.COUNTED)).isEqualTo(1);

      batches.send("b", Drawn.visit(1, Drawn.at(0)).build());
      batches.send("b", Drawn.deletion(1));

      assertThat(batches.state(IndexerTopology.BANK)).containsOnlyKeys("a");
      assertThat(batches.state(IndexerTopology.RINGS)).containsOnlyKeys("a");
    }
  }

  @Test
  void whatWaitsAtACommitIsInTheChangelogAndWhatIsAnsweredIsNot(@TempDir Path stateDir) {
    try (Harness batches = batches(stateDir)) {
      batches.send("a", Drawn.visit(1, Drawn.at(0)).build());
      batches.send("b", Drawn.visit(1, Drawn.at(0)).build());
      batches.send("c", Drawn.visit(1, Drawn.at(0)).build());

      List<KeyValue<byte[], byte[]>> changelog = batches.changelog(CONFIG.waitingStore());
      // b came and went between two commits: all that is left of it is the deletion of its place.
      assertThat(changelog)
          .extracting(r -> r.key[3] + (r.value == null ? " gone" : " waits"))
          .containsExactly("0 waits", "0 gone", "1 gone", "0 waits");
      assertThat(Ask.decode(changelog.getLast().value))
          .isInstanceOfSatisfying(
              Ask.Question.class, question -> assertThat(question.visit().id()).isEqualTo("c"));
    }
  }

  private Harness batches(Path stateDir) {
    return new Harness(
        kernels,
        CONFIG,
        new Batching(2, Duration.ofMillis(5)),
        stateDir,
        PlainSerde.of(Representation.class));
  }

  private static float similarity(Neighbourhood found, String id) {
    return found.getCandidates().stream()
        .filter(c -> c.getId().equals(id))
        .map(Candidate::getSimilarity)
        .findFirst()
        .orElseThrow();
  }

  // Deletions

  @Test
  void aDeletionTakesEverythingAway() {
    app.send("a", Drawn.arrival(5, Drawn.MODEL, 0, Drawn.at(0)));
    app.send("a", Drawn.visit(1, Drawn.at(0)).setSourceOffset(5).build());
    app.embeddings();

    app.send("a", Drawn.deletion(6));

    assertThat(app.embeddings()).containsExactly(KeyValue.pair("a", null));
    assertThat(app.neighbours()).containsExactly(KeyValue.pair("a", null));
    assertThat(app.state(IndexerTopology.BANK)).isEmpty();
    assertThat(app.state(IndexerTopology.RINGS)).isEmpty();
    assertThat(app.published()).isEmpty();
  }

  @Test
  void nothingOlderThanADeletionComesBack() {
    app.send("a", Drawn.deletion(6));
    app.embeddings();
    app.neighbours();

    app.send("a", Drawn.arrival(5, "m", 9, Drawn.at(0)));
    app.send("a", Drawn.visit(1, Drawn.at(0)).setSourceOffset(5).build());
    app.send("a", Drawn.visit(2, Drawn.at(0)).setSourceOffset(5).build());

    assertThat(app.embeddings()).isEmpty();
    assertThat(app.neighbours()).isEmpty();
    assertThat(app.state(IndexerTopology.BANK)).isEmpty();
    assertThat(app.counters.counts().dropped().get(Drop.DELETED)).isEqualTo(3);
  }

  @Test
  void anImageSentAgainAfterItsDeletionLivesAndItsOldVisitsDoNot() {
    app.send("a", Drawn.deletion(6));
    app.send("a", Drawn.arrival(7, "m", 0, Drawn.at(0)));
    app.send("a", Drawn.visit(4, Drawn.at(0)).setSourceOffset(5).build());
    assertThat(app.state(IndexerTopology.BANK)).isEmpty();

    app.send("a", Drawn.visit(5, Drawn.at(0)).setSourceOffset(7).build());

    assertThat(app.embeddings().getLast().value).isNotNull();
    assertThat(app.state(IndexerTopology.BANK)).containsOnlyKeys("a");
  }

  @Test
  void aDeletionOlderThanTheImageDeletesNothing() {
    app.send("a", Drawn.arrival(7, "m", 0, Drawn.at(0)));
    app.send("a", Drawn.visit(1, Drawn.at(0)).setSourceOffset(7).build());
    app.embeddings();

    app.send("a", Drawn.deletion(6));

    assertThat(app.embeddings()).isEmpty();
    assertThat(app.neighbours()).isEmpty();
    assertThat(app.state(IndexerTopology.BANK)).containsOnlyKeys("a");
    assertThat(app.counters.counts().dropped().get(Drop.SUPERSEDED_DELETION)).isEqualTo(1);
  }

  @Test
  void deletionsAreForgottenOnceNothingOlderCanBeLeft() {
    app.send("a", Drawn.deletion(6));
    app.send("b", Drawn.deletion(6));
    app.send("b", Drawn.arrival(8, "m", 0, Drawn.at(0)));
    app.pass(Harness.RETENTION.minusHours(2));
    app.send("c", Drawn.arrival(9, "m", 0, Drawn.at(0)));
    assertThat(app.state(IndexerTopology.ENDS)).containsOnlyKeys("a", "b", "c");

    app.pass(Duration.ofHours(3));
    app.send("c", Drawn.arrival(10, "m", 0, Drawn.at(0)));

    assertThat(app.state(IndexerTopology.ENDS)).containsOnlyKeys("b", "c");
    byte[] stored = HexFormat.of().parseHex(app.state(IndexerTopology.ENDS).get("b"));
    assertThat(End.decode(stored)).isEqualTo(new End(8, Model.hash("m"), 0, -1, -1));
  }

  // Delivery

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void deliveringEverythingAgainChangesNothing(long seed) {
    List<KeyValue<String, Representation>> log = Drawn.log(seed, 200);
    log.forEach(record -> app.send(record.key, record.value));
    app.embeddings();
    app.neighbours();
    List<Map<String, String>> before = app.states();

    log.forEach(record -> app.send(record.key, record.value));

    assertThat(app.states()).as("seed %d", seed).isEqualTo(before);
    assertThat(app.embeddings()).as("seed %d", seed).isEmpty();
    assertThat(app.neighbours()).as("seed %d", seed).isEmpty();
    Counts counts = app.counters.counts();
    assertThat(counts.read()).isEqualTo(2L * log.size());
    assertThat(counts.droppedInAll()).isGreaterThanOrEqualTo(log.size());
    assertThat(counts.processed() + counts.droppedInAll()).isEqualTo(counts.read());
  }

  @Test
  void theChangelogsHoldTheStateByteForByte() {
    Drawn.log(5, 400).forEach(record -> app.send(record.key, record.value));
    Bank bank = new Bank(kernels, 64);
    BankStore restored = new BankStore(IndexerTopology.BANK, bank);
    restored.open(0);
    app.changelog(IndexerTopology.BANK).forEach(r -> restored.restore(r.key, r.value));

    Map<String, String> values = new LinkedHashMap<>();
    try (KeyValueIterator<Bytes, byte[]> all = restored.all()) {
      all.forEachRemaining(
          e -> values.put(new String(e.key.get(), UTF_8), HexFormat.of().formatHex(e.value)));
    }
    assertThat(values).isNotEmpty().isEqualTo(app.state(IndexerTopology.BANK));
    assertThat(order(restored)).isEqualTo(order(app.bank.store(0)));
    float[] query = Drawn.unit(new Random(8), 12);
    long model = Model.hash(Drawn.MODEL);
    assertThat(bank.search(model, query, 10)).isEqualTo(app.bank.search(model, query, 10));
    assertThat(replayed(IndexerTopology.RINGS)).isEqualTo(app.state(IndexerTopology.RINGS));
    assertThat(replayed(IndexerTopology.ENDS)).isEqualTo(app.state(IndexerTopology.ENDS));
  }

  // Bad data

  @Test
  void deadLettersWhatCannotBeUsedAndGoesOn() {
    app.send("good", Drawn.visit(1, Drawn.at(0)).build());
    List<Map<String, String>> before = app.states();

    app.send("nan", Drawn.visit(1, new float[] {Float.NaN, 1}).build());
    app.send("zero", Drawn.visit(1, new float[] {0, 0}).build());
    app.send("long", Drawn.visit(1, new float[] {0.6f, 0.9f}).build());
    app.send("empty", Drawn.visit(1, new float[0]).build());
    app.send("dimension", Drawn.visit(1, new float[] {0, 0, 1}).build());
    app.send("query", Drawn.visit(1, Drawn.at(0)).setQuery(Vectors.of(new float[] {1})).build());
    app.send("visit", Drawn.visit(0, Drawn.at(0)).build());
    app.send("arrival", Drawn.arrival(1, Drawn.MODEL, 0, new float[] {0, 0, 1}));
    app.send("null", null);
    app.sendBytes("bytes".getBytes(UTF_8), new byte[] {2, 3, 4});

    assertThat(app.states()).isEqualTo(before);
    app.send("good", Drawn.visit(2, Drawn.at(0)).build());

    assertThat(app.neighbours()).hasSize(1);
    List<TestRecord<String, byte[]>> dead = app.deadLetters();
    assertThat(dead)
        .extracting(TestRecord::key)
        .containsExactly(
            "nan",
            "zero",
            "long",
            "empty",
            "dimension",
            "query",
            "visit",
            "arrival",
            "null",
            "bytes");
    assertThat(reason(dead.getFirst()))
        .contains("key nan at representations-0@1", "norm NaN", "expected norm 1");
    assertThat(reason(dead.get(4))).contains("length 3", "expected 2");
    assertThat(dead.getLast().value()).isEqualTo(new byte[] {2, 3, 4});
    assertThat(header(dead.getLast(), "__streams.errors.offset")).isEqualTo("10");
    Counts counts = app.counters.counts();
    assertThat(counts.deadLettered()).isEqualTo(10);
    assertThat(counts.processed()).isEqualTo(2);
    assertThat(counts.read()).isEqualTo(12);
  }

  @Test
  void stopsWhereTheRegistryIsToBlameAndNotTheRecord(@TempDir Path stateDir) {
    Serde<Representation> unanswered =
        Serdes.serdeFrom(
            PlainSerde.of(Representation.class).serializer(),
            (topic, bytes) -> {
              throw new RegistryUnavailableException("no registry", new IOException("refused"));
            });
    try (Harness stopping = new Harness(kernels, CONFIG, stateDir, unanswered)) {
      assertThatThrownBy(() -> stopping.send("a", Drawn.deletion(1)))
          .hasRootCauseInstanceOf(IOException.class);

      assertThat(stopping.deadLetters()).isEmpty();
      assertThat(stopping.counters.counts().read()).isZero();
    }
  }

  private static String reason(TestRecord<String, byte[]> record) {
    return header(record, "__streams.errors.message");
  }

  private static String header(TestRecord<String, byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return new String(header.value(), UTF_8);
  }

  private static List<String> order(BankStore store) {
    List<String> ids = new ArrayList<>();
    for (String id = store.oldest(); id != null; id = store.oldest()) {
      ids.add(id);
      store.delete(Bytes.wrap(id.getBytes(UTF_8)));
    }
    return ids;
  }

  private Map<String, String> replayed(String store) {
    Map<String, String> state = new LinkedHashMap<>();
    for (KeyValue<byte[], byte[]> record : app.changelog(store)) {
      String id = new String(record.key, UTF_8);
      if (record.value == null) {
        state.remove(id);
      } else {
        state.put(id, HexFormat.of().formatHex(record.value));
      }
    }
    return state;
  }
}
