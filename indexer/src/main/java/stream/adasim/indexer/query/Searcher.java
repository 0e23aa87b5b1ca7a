package stream.adasim.indexer.query;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.Neighbour;
import stream.adasim.indexer.memory.Query;
import stream.adasim.indexer.memory.Scan;
import stream.adasim.indexer.query.RefusedException.Reason;

/** Runs searches beside the stream: few at a time, some waiting, none for ever. Thread-safe. */
public final class Searcher implements AutoCloseable {
  /**
   * Platform threads, and always the same: the kernels keep memory per thread. Two, so that a slow
   * search doesn't hold up all others, and the stream waits for two parts at most.
   */
  private static final int THREADS = 2;

  private final Scan scan;
  private final Semaphore places;
  private final int most;
  private final Duration patience;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().daemon().name("adasim-search-", 1).factory());

  /**
   * @param most searches at a time, those that wait included
   * @param patience longest time from the question to the answer
   */
  public Searcher(int most, Duration patience, MeterRegistry registry) {
    Timer held =
        Timer.builder("adasim.indexer.search.held")
            .description("How long one part of a search over HTTP holds the memory")
            .register(registry);
    this.scan = new Scan(held::record);
    this.most = most;
    this.places = new Semaphore(most);
    this.patience = patience;
    registry.gauge("adasim.indexer.searches.active", places, p -> most - p.availablePermits());
  }

  /**
   * The k nearest in all of the banks, as {@link Scan#search} says.
   *
   * @throws RefusedException if too many searches are under way, or this one takes too long
   */
  public List<Neighbour> search(List<Bank> banks, long model, Query query, int k) {
    if (!places.tryAcquire()) {
      throw new RefusedException(
          Reason.BUSY,
          "%d searches are under way, as many as http.searches allows; ask again".formatted(most));
    }
    try {
      return await(threads.submit(() -> search(banks, query, model, k)));
    } finally {
      places.release();
    }
  }

  private List<Neighbour> search(List<Bank> banks, Query query, long model, int k)
      throws InterruptedException {
    List<Neighbour> found = new ArrayList<>();
    for (Bank bank : banks) {
      found.addAll(scan.search(bank, model, query, k));
    }
    return Neighbour.nearest(found, k);
  }

  private List<Neighbour> await(Future<List<Neighbour>> search) {
    try {
      return search.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new RefusedException(
          Reason.LATE,
          "the search took longer than http.timeout=%s and was given up; ask again"
              .formatted(patience));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(Reason.MOVING, "this instance is stopping");
    } catch (ExecutionException e) {
      throw new IllegalStateException("the search failed", e.getCause());
    } finally {
      search.cancel(true);
    }
  }

  /** Ends searches under way; returns when none uses the kernels any more, or after 10 seconds. */
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a search did not end within 10 seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
