package stream.adasim.indexer.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.utils.Bytes;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.Drawn;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.BankStore;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.memory.Neighbour;
import stream.adasim.indexer.memory.Query;
import stream.adasim.indexer.query.RefusedException.Reason;

class SearcherTest {
  private static final long MODEL = 3;

  private final Kernels kernels = Backends.open("auto", 1);
  private final Bank bank = new Bank(kernels, 10);
  private final BankStore store = new BankStore("bank", bank);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @BeforeEach
  void fill() {
    store.open(0);
    store.put(
        Bytes.wrap("a".getBytes(UTF_8)),
        new Memory(7, MODEL, 1, 1, Drawn.ORIGIN, Drawn.at(0)).encode());
  }

  @AfterEach
  void close() {
    store.close();
    kernels.close();
  }

  private List<Neighbour> search(Searcher searcher) {
    return searcher.search(List.of(bank), MODEL, Query.of(Drawn.at(60)), 5);
  }

  private double active() {
    return registry.get("adasim.indexer.searches.active").gauge().value();
  }

  @Test
  void findsAndMeasuresHowLongTheMemoryWasHeld() {
    try (Searcher searcher = new Searcher(1, Duration.ofSeconds(30), registry)) {
      assertThat(search(searcher)).containsExactly(new Neighbour("a", 7, .5f));
    }
    assertThat(registry.get("adasim.indexer.search.held").timer().count()).isEqualTo(1);
    assertThat(active()).isZero();
  }

  @Test
  void refusesOneSearchTooManyAndOneThatTakesTooLong() {
    try (Searcher searcher = new Searcher(1, Duration.ofSeconds(1), registry)) {
      CompletableFuture<List<Neighbour>> stuck;
      // Whoever writes holds the memory: nothing is found meanwhile.
      synchronized (bank) {
        stuck = CompletableFuture.supplyAsync(() -> search(searcher));
        Awaitility.await().until(() -> active() == 1);
        assertThatThrownBy(() -> search(searcher)).satisfies(e -> refused(e, Reason.BUSY));
        assertThatThrownBy(stuck::join).cause().satisfies(e -> refused(e, Reason.LATE));
      }
      // On a busy machine the first may be late again.
      Awaitility.await().ignoreExceptions().until(() -> search(searcher).size() == 1);
    }
  }

  private static void refused(Throwable e, Reason reason) {
    assertThat(e)
        .isInstanceOfSatisfying(
            RefusedException.class, refused -> assertThat(refused.reason()).isEqualTo(reason))
        .hasMessageContaining("http.");
  }
}
