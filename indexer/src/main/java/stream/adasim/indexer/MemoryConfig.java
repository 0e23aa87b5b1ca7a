package stream.adasim.indexer;

import org.apache.kafka.common.config.ConfigException;
import stream.adasim.indexer.votes.Ring;

/**
 * Sizes of the memory.
 *
 * @param capacity images in all, divided over the partitions
 * @param partitions P
 * @param topK neighbours per vote and candidates per neighbourhood
 * @param votes votes that an image's ring holds
 */
record MemoryConfig(int capacity, int partitions, int topK, int votes) {
  MemoryConfig {
    if (topK > capacity) {
      throw new ConfigException(
          "memory.top-k=%d must be within 1..memory.capacity=%d".formatted(topK, capacity));
    }
    if ((long) topK * votes >= Ring.MAX_NEIGHBOURS) {
      throw new ConfigException(
          "memory.top-k=%d times memory.votes=%d must be below %d, as rings number candidates in a byte"
              .formatted(topK, votes, Ring.MAX_NEIGHBOURS));
    }
  }

  /** Images that a partition holds at most: its share, rounded up. */
  int perPartition() {
    return Math.ceilDiv(capacity, partitions);
  }

  /** Images that an instance with all partitions holds at most. */
  int rows() {
    return Math.multiplyExact(perPartition(), partitions);
  }
}
