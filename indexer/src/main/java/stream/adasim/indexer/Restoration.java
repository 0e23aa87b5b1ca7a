package stream.adasim.indexer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.indexer.memory.Banks;

/**
 * Tells the banks which partitions are whole, and counts what had to be read for that. What a
 * standby copies doesn't count: little is left to read where one takes over. Thread-safe.
 */
final class Restoration implements StateRestoreListener {
  private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

  private final String bankStore;
  private final Banks banks;
  private final Map<TopicPartition, Long> started = new HashMap<>(); // nanoTime
  private long begun; // nanoTime at which the first of them started
  private long records;
  private Duration took = Duration.ZERO;

  /**
   * @param bankStore name of the store whose changelogs are followed
   */
  Restoration(String bankStore, Banks banks) {
    this.bankStore = bankStore;
    this.banks = banks;
  }

  @Override
  public synchronized void onRestoreStart(
      TopicPartition changelog, String store, long first, long end) {
    if (store.equals(bankStore)) {
      long now = System.nanoTime();
      if (started.isEmpty()) {
        begun = now;
      }
      started.put(changelog, now);
    }
  }

  @Override
  public void onBatchRestored(TopicPartition changelog, String store, long last, long count) {}

  @Override
  public void onRestoreEnd(TopicPartition changelog, String store, long total) {
    if (store.equals(bankStore)) {
      banks.restored(changelog.partition());
      LOG.info(
          "memory restored partition={} records={} milliseconds={}",
          changelog.partition(),
          total,
          ended(changelog, total).toMillis());
    }
  }

  @Override
  public synchronized void onRestoreSuspended(TopicPartition changelog, String store, long total) {
    if (store.equals(bankStore)) {
      ended(changelog, total);
    }
  }

  private synchronized Duration ended(TopicPartition changelog, long total) {
    long now = System.nanoTime();
    Long start = started.remove(changelog);
    records += total;
    if (started.isEmpty()) {
      took = took.plusNanos(now - begun);
    }
    return Duration.ofNanos(start == null ? 0 : now - start);
  }

  /** All that was read so far, and the time in which something was being read. */
  synchronized Restored soFar() {
    return new Restored(records, took);
  }
}
