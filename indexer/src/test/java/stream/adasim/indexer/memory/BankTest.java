package stream.adasim.indexer.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.Drawn;

class BankTest {
  private static final long MODEL = 11;
  private static final long OTHER_MODEL = 12;

  private final Kernels kernels = Backends.open("auto", 1);

  @AfterEach
  void closeKernels() {
    kernels.close();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void findsTheNearestExactlyThroughWritesAndDeletions(long seed) {
    Random random = new Random(seed);
    Bank bank = new Bank(kernels, 300);
    BankStore store = store(bank, 0);
    Map<String, float[]> plain = new HashMap<>();
    for (int i = 0; i < 800; i++) {
      String id = "image-" + random.nextInt(300);
      if (random.nextInt(4) == 0) {
        store.delete(key(id));
        plain.remove(id);
      } else {
        float[] vector = Drawn.unit(random, 17);
        put(store, id, MODEL, i, vector);
        plain.put(id, vector);
      }
    }
    float[] query = Drawn.unit(random, 17);

    List<Neighbour> found = bank.search(MODEL, query, 10);

    List<Neighbour> expected = new ArrayList<>();
    plain.forEach((id, vector) -> expected.add(new Neighbour(id, 7, product(query, vector))));
    expected.sort(Neighbour.NEAREST_FIRST);
    assertThat(bank.count(MODEL)).as("seed %d", seed).isEqualTo(plain.size());
    assertThat(found).as("seed %d", seed).isEqualTo(expected.subList(0, 10));
  }

  @Test
  void findsTheNearestExactlyAmongVectorsThatAreAlmostTheSame() {
    Random random = new Random(9);
    Bank bank = new Bank(kernels, 700);
    BankStore store = store(bank, 0);
    float[] centre = Drawn.unit(random, 48);
    List<Neighbour> expected = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      float[] vector = centre.clone();
      vector[i % 48] += 1e-6f * random.nextInt(3);
      put(store, "image-" + i, MODEL, i, vector);
      expected.add(new Neighbour("image-" + i, 7, product(centre, vector)));
    }
    expected.sort(Neighbour.NEAREST_FIRST);

    assertThat(bank.search(MODEL, centre, 10)).isEqualTo(expected.subList(0, 10));
  }

  @Test
  void ordersManyImagesOfTheSameVectorById() {
    Bank bank = new Bank(kernels, 200);
    BankStore store = store(bank, 0);
    float[] same = Drawn.unit(new Random(4), 33);
    for (int i = 199; i >= 0; i--) {
      put(store, "image-%03d".formatted((i * 7) % 200), MODEL, 200 - i, same);
    }

    assertThat(bank.search(MODEL, same, 3))
        .extracting(Neighbour::id)
        .containsExactly("image-000", "image-001", "image-002");
  }

  @ParameterizedTest(name = "one in {0} accepted")
  @ValueSource(ints = {2, 7, 60, 400})
  void findsTheNearestOfThoseThatAreAccepted(int share) {
    Random random = new Random(share);
    Bank bank = new Bank(kernels, 900);
    BankStore store = store(bank, 0);
    float[] query = Drawn.unit(random, 24);
    List<Neighbour> expected = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      float[] vector = Drawn.unit(random, 24);
      put(store, "image-" + i, MODEL, i, vector);
      if (i % share == 0) {
        expected.add(new Neighbour("image-" + i, 7, product(query, vector)));
      }
    }
    expected.sort(Neighbour.NEAREST_FIRST);

    Query some =
        new Query(query, (candidate, similarity) -> candidate.sequence() % share == 0, null);
    List<List<Neighbour>> found = bank.search(MODEL, List.of(some, Query.of(query)), 10);

    assertThat(found.get(0)).isEqualTo(expected.subList(0, Math.min(10, expected.size())));
    assertThat(found.get(1)).isEqualTo(bank.search(MODEL, query, 10)).hasSize(10);
  }

  /**
   * So many vectors that they may be pruned: spread over all directions or few, around one point or
   * several, or all but the same; written, replaced, removed, and drifting all the while. Most are
   * searched for as images, whose last neighbours are known but not what became of them.
   */
  @ParameterizedTest(name = "{0} directions, the rest times {1}, {2} centres, spread {3}")
  @CsvSource({"8,0.03,0,1", "12,0.2,20,0.3", "64,1,0,1", "6,0.001,1,1e-6", "4,0,300,0"})
  void findsTheNearestExactlyAmongMany(int directions, float rest, int centres, float spread) {
    int n = 5000;
    int d = 72;
    Random random = new Random(directions);
    float[][] centre = new float[Math.max(1, centres)][];
    Arrays.setAll(centre, i -> drawn(random, d, directions, rest));
    Bank bank = new Bank(kernels, n);
    BankStore store = store(bank, 0);
    Map<String, float[]> plain = new HashMap<>();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < n; i++) {
        String id = "image-" + (round == 0 ? i : random.nextInt(n));
        if (round > 0 && random.nextInt(40) == 0) {
          store.delete(key(id));
          plain.remove(id);
        } else if (round == 0 || random.nextInt(3) == 0) {
          float[] vector = drawn(random, d, directions, rest);
          for (int c = 0; centres > 0 && c < d; c++) {
            vector[c] = vector[c] * spread + centre[i % centres][c];
          }
          // The directions move on, so that outlines of the first round hold less and less.
          float[] turned = new float[d];
          for (int c = 0; c < d; c++) {
            turned[(c + 3 * round) % d] = vector[c];
          }
          Drawn.normalized(turned);
          put(store, id, MODEL, i, turned);
          plain.put(id, turned);
        }
      }
      List<Query> queries = new ArrayList<>();
      for (int i = 0; i < 70; i++) {
        Map.Entry<String, float[]> image = anImageOf(plain, i % 60);
        float[] vector = i < 50 ? image.getValue() : Drawn.unit(random, d);
        queries.add(new Query(vector, null, i < 60 ? image.getKey() : "not here"));
      }
      List<List<Neighbour>> found = bank.search(MODEL, queries, 10);
      for (int i = 0; i < queries.size(); i++) {
        assertThat(found.get(i))
            .as("round %d query %d", round, i)
            .isEqualTo(nearest(plain, queries.get(i).vector(), 10));
      }
      assertThat(bank.search(MODEL, queries, 10)).isEqualTo(found);
    }
  }

  private static List<Neighbour> nearest(Map<String, float[]> plain, float[] query, int k) {
    List<Neighbour> all = new ArrayList<>();
    plain.forEach((id, vector) -> all.add(new Neighbour(id, 7, product(query, vector))));
    double[] sorted = all.stream().mapToDouble(Neighbour::similarity).sorted().toArray();
    double kth = sorted[sorted.length - k];
    return all.stream()
        .filter(each -> each.similarity() >= kth)
        .sorted(Neighbour.NEAREST_FIRST)
        .limit(k)
        .toList();
  }

  private static Map.Entry<String, float[]> anImageOf(Map<String, float[]> plain, int number) {
    return plain.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .skip(number * 70L)
        .findFirst()
        .orElseThrow();
  }

  private static float[] drawn(Random random, int d, int directions, float rest) {
    float[] vector = new float[d];
    for (int c = 0; c < d; c++) {
      vector[c] = (float) random.nextGaussian() * (c < directions ? 1 : rest);
    }
    return Drawn.normalized(vector);
  }

  @Test
  void tellsAnAcceptanceWhatItWouldPublish() {
    Bank bank = new Bank(kernels, 50);
    BankStore store = store(bank, 0);
    for (int i = 0; i < 50; i++) {
      put(store, "image-" + i, MODEL, i, Drawn.at(i));
    }
    List<Neighbour> all = bank.search(MODEL, Drawn.at(0), 50);
    Acceptance further = (candidate, similarity) -> similarity < all.get(4).similarity();

    assertThat(bank.search(MODEL, List.of(new Query(Drawn.at(0), further, null)), 3).getFirst())
        .isEqualTo(all.subList(5, 8));
  }

  @Test
  void searchesTheVectorsOfAllPartitions() {
    Bank bank = new Bank(kernels, 8);
    BankStore first = store(bank, 0);
    BankStore second = store(bank, 1);
    put(first, "a", MODEL, 1, Drawn.at(0));
    put(second, "b", MODEL, 1, Drawn.at(10));
    put(first, "c", MODEL, 2, Drawn.at(40));

    assertThat(bank.search(MODEL, Drawn.at(9), 3))
        .extracting(Neighbour::id)
        .containsExactly("b", "a", "c");
  }

  @Test
  void givesTheRowsOfAClosedPartitionBack() {
    Bank bank = new Bank(kernels, 4);
    BankStore first = store(bank, 0);
    BankStore second = store(bank, 1);
    put(first, "a", MODEL, 1, Drawn.at(0));
    put(first, "b", MODEL, 2, Drawn.at(5));
    put(second, "c", MODEL, 1, Drawn.at(40));
    byte[] before = second.get(key("c"));

    first.close();
    first.close();

    assertThat(first.isOpen()).isFalse();
    assertThat(bank.partitions()).isEqualTo(1);
    assertThat(bank.search(MODEL, Drawn.at(0), 3)).extracting(Neighbour::id).containsExactly("c");
    assertThat(second.get(key("c"))).isEqualTo(before);
  }

  @Test
  void neverMixesModels() {
    Bank bank = new Bank(kernels, 4);
    BankStore store = store(bank, 0);
    put(store, "a", MODEL, 1, Drawn.at(0));
    put(store, "b", MODEL, 2, Drawn.at(1));
    put(store, "a", OTHER_MODEL, 3, new float[] {0, 0, 1});

    assertThat(bank.search(OTHER_MODEL, new float[] {0, 1, 0}, 4))
        .extracting(Neighbour::id)
        .containsExactly("a");
    assertThat(bank.search(MODEL, Drawn.at(0), 4)).extracting(Neighbour::id).containsExactly("b");
    assertThat(bank.dimension(MODEL)).isEqualTo(2);
    assertThat(bank.dimension(OTHER_MODEL)).isEqualTo(3);

    store.delete(key("b"));

    assertThat(bank.dimension(MODEL)).isZero();
  }

  @Test
  void holdsMoreThanItWasMadeForWhileAnOlderChangelogIsRead() {
    Bank bank = new Bank(kernels, 2);
    BankStore store = store(bank, 0);
    for (int i = 0; i < 9; i++) {
      put(store, "image-" + i, MODEL, i, Drawn.at(10 * i));
    }

    assertThat(bank.search(MODEL, Drawn.at(81), 9))
        .extracting(Neighbour::id)
        .startsWith("image-8", "image-7")
        .hasSize(9);
  }

  @Test
  void returnsTheBytesThatWerePut() {
    Random random = new Random(6);
    BankStore store = store(new Bank(kernels, 4), 0);
    byte[] value =
        new Memory(
                Long.MAX_VALUE,
                MODEL,
                5,
                3,
                Drawn.ORIGIN,
                new float[] {-0f, Float.MIN_VALUE, 1 - 0x1p-24f})
            .encode();
    put(store, "x", MODEL, 1, Drawn.unit(random, 3));

    store.put(key("y"), value);
    store.delete(key("x"));

    assertThat(store.get(key("y"))).isEqualTo(value);
    assertThat(store.putIfAbsent(key("y"), new byte[0])).isEqualTo(value);
    assertThat(store.delete(key("y"))).isEqualTo(value);
    assertThat(store.get(key("y"))).isNull();
  }

  @Test
  void listsRangesInTheOrderOfTheKeys() {
    BankStore store = store(new Bank(kernels, 8), 0);
    for (String id : List.of("d", "a", "c", "b")) {
      put(store, id, MODEL, 1, Drawn.at(3));
    }
    List<String> ids = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> range = store.range(key("b"), key("c"))) {
      assertThat(range.peekNextKey()).isEqualTo(key("b"));
      while (range.hasNext()) {
        KeyValue<Bytes, byte[]> entry = range.next();
        ids.add(new String(entry.key.get(), UTF_8));
        assertThat(entry.value).isEqualTo(store.get(entry.key));
      }
    }

    assertThat(ids).containsExactly("b", "c");
  }

  @Test
  void refusesAnEntryThatSomethingElseWrote() {
    BankStore store = store(new Bank(kernels, 4), 0);

    assertThatThrownBy(() -> store.put(key("a"), new byte[30]))
        .hasMessageContaining("found a memory entry of 30 bytes");
  }

  @Test
  void searchesWaitUntilAllPartitionsAreRestored() {
    Bank bank = new Bank(kernels, 4);
    store(bank, 0);
    BankStore late = new BankStore("bank", bank);
    late.open(1);
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(() -> bank.awaitWhole(Duration.ofSeconds(20)));
    assertThat(waiting).isNotDone();

    bank.restored(1);

    assertThat(waiting.orTimeout(20, TimeUnit.SECONDS)).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  void saysWhenRestoringStandsStill() {
    Bank bank = new Bank(kernels, 4);
    new BankStore("bank", bank).open(0);

    assertThatThrownBy(() -> bank.awaitWhole(Duration.ofMillis(5)))
        .hasMessageContaining("stood still")
        .hasMessageContaining("1 partitions missing");
  }

  @Test
  void refusesASecondStoreForAPartition() {
    Bank bank = new Bank(kernels, 4);
    store(bank, 3);

    assertThatThrownBy(() -> new BankStore("bank", bank).open(3))
        .hasMessageContaining("partition 3");
  }

  static BankStore store(Bank bank, int partition) {
    BankStore store = new BankStore("bank", bank);
    store.open(partition);
    bank.restored(partition);
    return store;
  }

  static void put(BankStore store, String id, long model, long sequence, float[] vector) {
    store.put(key(id), new Memory(7, model, sequence, 1, Drawn.ORIGIN, vector).encode());
  }

  private static Bytes key(String id) {
    return Bytes.wrap(id.getBytes(UTF_8));
  }

  private static float product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return (float) sum;
  }
}
