package stream.adasim.indexer;

import org.apache.kafka.common.config.ConfigException;
import stream.adasim.indexer.memory.Exclusions;
import stream.adasim.indexer.votes.Ring;

/**
 * Sizes of the memory, and who may vote.
 *
 * @param capacity images in all, divided over the stores
 * @param partitions P
 * @param shards S, or 0 where the memory lies beside the partitions and isn't sharded
 * @param topK neighbours per vote and candidates per neighbourhood
 * @param votes votes that an image's ring holds
 * @param recall share of the nearest that a vote must name, on average; 1 for all of them
 */
record MemoryConfig(
    int capacity,
    int partitions,
    int shards,
    int topK,
    int votes,
    double recall,
    Exclusions exclusions) {
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

  /** Store of the memory, image id to {@link stream.adasim.indexer.memory.Memory}. */
  String bankStore() {
    return IndexerTopology.BANK + suffix();
  }

  /** Store of the questions that wait for a search. */
  String waitingStore() {
    return "waiting" + suffix();
  }

  /** Store of the visits that not all shards have answered. */
  String flightsStore() {
    return "flights" + suffix();
  }

  /** With another number of shards all that depends on it starts empty, instead of being wrong. */
  String suffix() {
    return sharded() ? "-of-" + shards : "";
  }

  boolean sharded() {
    return shards > 0;
  }

  /** How many stores the memory is made of. */
  int stores() {
    return sharded() ? shards : partitions;
  }

  /** Images that a shard, or without shards a partition, holds at most: its share, rounded up. */
  int perStore() {
    return Math.ceilDiv(capacity, stores());
  }

  /** Images that one bank holds at most: a shard's, or without shards all. */
  int rows() {
    return sharded() ? perStore() : Math.multiplyExact(perStore(), partitions);
  }
}
