package stream.adasim.indexer.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A search that goes through the memory part by part and holds it only for one part at a time, so
 * that whoever writes or votes never waits for more than that. As exact as a search of all at once,
 * except that an image written meanwhile may be found with either vector, and one added meanwhile
 * may be missed.
 */
public final class Scan {
  /** Rows searched while the memory is held. */
  static final int PART = 2048;

  /**
   * A lock that is released and taken again at once passes those who wait for it by: they get this
   * long to take it.
   */
  private static final long GAP_NANOS = 20_000;

  private final Consumer<Duration> held;

  /**
   * @param held is told how long the memory was held for each part; must be quick
   */
  public Scan(Consumer<Duration> held) {
    this.held = held;
  }

  /**
   * The k nearest of one model's vectors in a bank that the query accepts, in the order {@link
   * Neighbour#NEAREST_FIRST}.
   *
   * @throws InterruptedException if the thread is interrupted between two parts
   */
  public List<Neighbour> search(Bank bank, long model, Query query, int k)
      throws InterruptedException {
    List<Neighbour> nearest = List.of();
    // From the last part to the first: where an image is removed, the last row moves into its
    // place, so that a row may be met twice and is never missed.
    int part = bank.count(model) / PART;
    while (part >= 0) {
      if (Thread.interrupted()) {
        throw new InterruptedException("the search was given up");
      }
      long began = System.nanoTime();
      List<Neighbour> found = bank.searchPart(model, query, k, part * PART, PART);
      held.accept(Duration.ofNanos(System.nanoTime() - began));
      nearest = merge(found, nearest, k);
      part--;
      if (part >= 0) {
        LockSupport.parkNanos(GAP_NANOS);
      }
    }
    return nearest;
  }

  /** The k nearest of both; of an image in both what {@code newer} says. */
  private static List<Neighbour> merge(List<Neighbour> newer, List<Neighbour> older, int k) {
    List<Neighbour> all = new ArrayList<>(newer);
    Set<String> ids = new HashSet<>();
    newer.forEach(neighbour -> ids.add(neighbour.id()));
    older.stream().filter(neighbour -> !ids.contains(neighbour.id())).forEach(all::add);
    all.sort(Neighbour.NEAREST_FIRST);
    return List.copyOf(all.subList(0, Math.min(k, all.size())));
  }
}
