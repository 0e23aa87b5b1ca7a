package stream.adasim.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.streams.KeyValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.memory.Exclusions;
import stream.adasim.indexer.memory.Model;

class ShardsTest {
  private static final int SHARDS = 4;

  private final Kernels kernels = Backends.open("auto", 1);
  @TempDir Path stateDir;

  @AfterEach
  void close() {
    kernels.close();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void fourShardsPublishWhatOneMemoryDoesRecordForRecord(long seed) {
    List<KeyValue<String, Representation>> log = Drawn.log(seed, 600);
    Network sharded = network(4000, 64);
    List<KeyValue<String, @Nullable Neighbourhood>> expected = new ArrayList<>();
    try (Harness whole =
        new Harness(kernels, new MemoryConfig(4000, 1, 0, 3, 3, 1, Exclusions.NONE), stateDir)) {
      for (KeyValue<String, Representation> entry : log) {
        whole.send(entry.key, entry.value);
        sharded.send(entry.key, entry.value);
        sharded.settle();
      }
      whole.neighbours().forEach(n -> expected.add(withoutHubness(n.key, n.value)));
      List<KeyValue<String, @Nullable Neighbourhood>> published = sharded.neighbours();

      assertThat(published).as("seed %d", seed).hasSizeGreaterThan(200).isEqualTo(expected);
      assertThat(sharded.embeddings())
          .extracting(e -> e.key)
          .isEqualTo(whole.embeddings().stream().map(e -> e.key).toList());
      assertThat(sharded.state(IndexerTopology.BANK + "-of-4").keySet())
          .isEqualTo(whole.state(IndexerTopology.BANK).keySet());
      assertThat(sharded.counters.counts()).isEqualTo(whole.counters.counts());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {3, 4, 5})
  void countsEveryVisitOnceInWhateverOrderShardsAnswerAndDie(long seed) {
    Random random = new Random(seed);
    List<KeyValue<String, Representation>> log = Drawn.log(seed, 900);
    Network network = network(4000, 5);
    for (KeyValue<String, Representation> entry : log) {
      network.send(entry.key, entry.value);
      if (random.nextInt(20) == 0) {
        network.send(entry.key, entry.value);
      }
      for (int steps = random.nextInt(25); steps > 0; steps--) {
        network.stepAny(random);
      }
      if (random.nextInt(30) == 0) {
        network.reopen(random.nextInt(SHARDS));
      }
    }
    network.settle();

    Map<String, @Nullable Representation> newest = new TreeMap<>();
    log.forEach(
        entry -> {
          switch (entry.value.getKind()) {
            case VISIT -> newest.put(entry.key, entry.value);
            case DELETION -> newest.remove(entry.key);
            case ARRIVAL -> {}
          }
        });
    assertThat(network.state(network.config.flightsStore())).isEmpty();
    assertThat(network.state(network.config.waitingStore())).isEmpty();
    assertThat(network.state(network.config.bankStore())).containsOnlyKeys(newest.keySet());
    assertThat(network.state(IndexerTopology.RINGS)).containsOnlyKeys(newest.keySet());
    newest.forEach(
        (id, visit) ->
            assertThat(network.ring(id))
                .extracting(r -> r.last().visit())
                .isEqualTo(visit.getVisit()));
    Map<String, Integer> counted = new HashMap<>();
    Map<String, Integer> expected = votes(log);
    for (KeyValue<String, @Nullable Neighbourhood> published : network.neighbours()) {
      if (published.value != null) {
        counted.merge(published.key, 1, Integer::sum);
      }
    }
    // A deletion overtakes what is under way of its image; nothing else is lost or counted twice.
    assertThat(expected)
        .allSatisfy(
            (id, votes) -> assertThat(counted.getOrDefault(id, 0)).isLessThanOrEqualTo(votes));
    expected.keySet().retainAll(neverDeleted(log));
    counted.keySet().retainAll(expected.keySet());
    assertThat(counted).as("seed %d", seed).isNotEmpty().isEqualTo(expected);

    Map<String, String> before = network.state(IndexerTopology.RINGS);
    log.forEach(entry -> network.send(entry.key, entry.value));
    network.settle();
    assertThat(network.neighbours()).isEmpty();
    assertThat(network.state(IndexerTopology.RINGS)).isEqualTo(before);
  }

  @Test
  void aDeletionWinsOverAVisitThatIsUnderWay() {
    Network network = network(40, 64);
    visit(network, "a", 1);
    network.settle();
    visit(network, "a", 2);
    network.answer(Ask.shardOf("a", SHARDS));
    network.gather();

    network.send("a", Drawn.deletion(5));
    network.settle();

    assertThat(network.neighbours()).containsExactly(KeyValue.pair("a", null));
    assertThat(network.state(IndexerTopology.RINGS)).isEmpty();
    assertThat(network.state(network.config.bankStore())).isEmpty();
    assertThat(network.state(network.config.flightsStore())).isEmpty();

    network.send("a", Drawn.visit(1, Drawn.at(0)).setSourceOffset(9).build());
    network.send("a", Drawn.visit(2, Drawn.at(0)).setSourceOffset(9).build());
    network.settle();

    assertThat(network.neighbours())
        .singleElement()
        .extracting(n -> n.value.getVotes())
        .isEqualTo(1);
  }

  @Test
  void aVisitVotesOnlyWhenTheLastShardHasAnswered() {
    Network network = network(40, 64);
    visit(network, "a", 1);
    visit(network, "b", 1);
    network.settle();
    visit(network, "a", 2);
    for (int shard = 0; shard < SHARDS - 1; shard++) {
      network.answer(shard);
      network.gather();
      assertThat(network.neighbours()).isEmpty();
    }

    network.answer(SHARDS - 1);
    network.gather();

    assertThat(network.neighbours())
        .singleElement()
        .satisfies(
            n ->
                assertThat(n.value.getCandidates())
                    .extracting(Candidate::getId)
                    .containsExactly("a", "b"));
  }

  @Test
  void shardsKeepTheirCapacityAndTellWhoHadToLeave() {
    Network network = network(32, 3);
    for (int i = 0; i < 100; i++) {
      visit(network, "image-" + i, 1);
      visit(network, "image-" + i, 2);
      network.settle();
    }

    Map<String, @Nullable Neighbourhood> topic = new HashMap<>();
    network.neighbours().forEach(n -> topic.put(n.key, n.value));
    topic.values().removeIf(value -> value == null);
    Map<String, String> bank = network.state(network.config.bankStore());
    assertThat(bank).hasSizeBetween(28, 32);
    assertThat(topic.keySet()).isEqualTo(bank.keySet());
    assertThat(network.state(IndexerTopology.RINGS).keySet()).isEqualTo(bank.keySet());
    for (int shard = 0; shard < SHARDS; shard++) {
      assertThat(network.banks.of(shard).count(Model.hash(Drawn.MODEL))).isLessThanOrEqualTo(8);
    }
  }

  @Test
  void aTaskThatIsOpenedAgainAnswersWhatWaitedInItsStore() {
    Network network = network(40, 64);
    visit(network, "a", 1);
    network.settle();
    visit(network, "a", 2);
    int own = Ask.shardOf("a", SHARDS);
    for (int shard = 0; shard < SHARDS; shard++) {
      network.take(shard);
    }
    assertThat(network.state(network.config.waitingStore())).isNotEmpty();

    network.reopen(own);
    network.settle();

    assertThat(network.neighbours())
        .singleElement()
        .extracting(n -> n.value.getVotes())
        .isEqualTo(1);
    assertThat(network.state(network.config.waitingStore())).isEmpty();
  }

  @Test
  void shardsShareImagesEvenly() {
    int[] images = new int[SHARDS];
    for (int i = 0; i < 10_000; i++) {
      images[Ask.shardOf("generated-%06d".formatted(i), SHARDS)]++;
    }

    assertThat(IntStream.of(images).boxed()).allSatisfy(n -> assertThat(n).isBetween(2_300, 2_700));
  }

  private Network network(int capacity, int batch) {
    MemoryConfig config =
        new MemoryConfig(capacity, Network.PARTITIONS, SHARDS, 3, 3, 1, Exclusions.NONE);
    return new Network(kernels, config, batch, stateDir);
  }

  private static void visit(Network network, String id, int visit) {
    network.send(id, Drawn.visit(visit, Drawn.at(id.hashCode() % 90)).build());
  }

  private static KeyValue<String, @Nullable Neighbourhood> withoutHubness(
      String id, @Nullable Neighbourhood found) {
    return KeyValue.pair(
        id, found == null ? null : Neighbourhood.newBuilder(found).setHubness(null).build());
  }

  private static Set<String> neverDeleted(List<KeyValue<String, Representation>> log) {
    Set<String> ids = new HashSet<>();
    log.forEach(entry -> ids.add(entry.key));
    log.forEach(
        entry -> {
          if (entry.value.getKind() == RepresentationKind.DELETION) {
            ids.remove(entry.key);
          }
        });
    return ids;
  }

  /** How many visits of each image follow one of the same content. */
  private static Map<String, Integer> votes(List<KeyValue<String, Representation>> log) {
    Map<String, Long> contents = new HashMap<>();
    Map<String, Integer> votes = new TreeMap<>();
    for (KeyValue<String, Representation> entry : log) {
      switch (entry.value.getKind()) {
        case VISIT -> {
          Long before = contents.put(entry.key, entry.value.getFingerprint());
          if (before != null && before == entry.value.getFingerprint()) {
            votes.merge(entry.key, 1, Integer::sum);
          }
        }
        case DELETION -> contents.remove(entry.key);
        case ARRIVAL -> {}
      }
    }
    return votes;
  }
}
