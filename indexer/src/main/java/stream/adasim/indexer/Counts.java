package stream.adasim.indexer;

import java.util.Map;

/**
 * What became of the records of {@code representations} since the service started, those whose
 * transaction was aborted and which were read again included. While no record is being processed,
 * {@code read = processed + dropped + deadLettered}.
 *
 * @param dropped by reason; every reason is a key
 */
public record Counts(long read, long processed, Map<Drop, Long> dropped, long deadLettered) {
  public Counts {
    dropped = Map.copyOf(dropped);
  }

  /** Dropped records of all reasons. */
  public long droppedInAll() {
    return dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
