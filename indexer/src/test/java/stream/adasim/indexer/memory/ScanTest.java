package stream.adasim.indexer.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.Drawn;

class ScanTest {
  private static final long MODEL = 11;
  private static final int IMAGES = 3 * Scan.PART + 100;

  private final Kernels kernels = Backends.open("auto", 1);
  private final Bank bank = new Bank(kernels, IMAGES);
  private final BankStore store = new BankStore("bank", bank);
  private final Random random = new Random(4);

  @BeforeEach
  void fill() {
    store.open(0);
    for (int i = 0; i < IMAGES; i++) {
      store.put(key(i), memory(i, Drawn.unit(random, 12)).encode());
    }
    store.restored();
  }

  @AfterEach
  void close() {
    store.close();
    kernels.close();
  }

  private static Memory memory(int i, float[] vector) {
    return new Memory(7, MODEL, i, 1, Drawn.ORIGIN, vector);
  }

  private static Bytes key(int i) {
    return Bytes.wrap(id(i).getBytes(UTF_8));
  }

  private static String id(int i) {
    return "image-" + i;
  }

  @Test
  void findsWhatASearchOfAllAtOnceFinds() throws InterruptedException {
    List<Duration> held = new ArrayList<>();
    Scan scan = new Scan(held::add);
    Query all = Query.of(Drawn.unit(random, 12));
    Query some = new Query(all.vector(), (slot, similarity) -> slot.sequence() % 500 == 0, null);

    for (Query query : List.of(all, some)) {
      for (int k : new int[] {1, 10, 1000}) {
        assertThat(scan.search(bank, MODEL, query, k))
            .isEqualTo(bank.search(MODEL, List.of(query), k).getFirst())
            .isNotEmpty();
      }
    }
    assertThat(held).hasSize(4 * 6);
    assertThat(scan.search(bank, MODEL + 1, all, 10)).isEmpty();
  }

  @Test
  void missesNoImageWhileOthersAreRemovedAndWritten() throws InterruptedException {
    float[] query = Drawn.unit(random, 12);
    List<String> before = bank.search(MODEL, query, 60).stream().map(Neighbour::id).toList();
    List<String> stays = before.subList(20, 60);
    Scan scan =
        new Scan(
            held -> {
              // Between parts: holes at the front, into which images of the last part move.
              before.subList(0, 20).forEach(id -> store.delete(Bytes.wrap(id.getBytes(UTF_8))));
              for (int i = 0; i < 150; i++) {
                int drawn = random.nextInt(IMAGES);
                if (!before.contains(id(drawn))) {
                  store.delete(key(drawn));
                }
              }
            });

    List<Neighbour> found = scan.search(bank, MODEL, Query.of(query), 60);

    assertThat(found).extracting(Neighbour::id).containsAll(stays).doesNotHaveDuplicates();
    assertThat(found).isSortedAccordingTo(Neighbour.NEAREST_FIRST);
  }

  @Test
  void endsWhenItIsInterrupted() {
    Scan scan = new Scan(held -> Thread.currentThread().interrupt());
    assertThatThrownBy(() -> scan.search(bank, MODEL, Query.of(Drawn.unit(random, 12)), 1))
        .isInstanceOf(InterruptedException.class);
  }
}
