package stream.adasim.indexer;

import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.indexer.memory.Model;
import stream.adasim.indexer.memory.Neighbour;
import stream.adasim.indexer.votes.Ring;

/** The rings of one partition's images, and what is published of them on {@code neighbours}. */
final class Votes {
  private final MemoryConfig config;
  private final Entries rings;
  private final Outlet outlet;

  /** Where neighbourhoods go. */
  @FunctionalInterface
  interface Outlet {
    /**
     * Takes one.
     *
     * @param neighbourhood null deletes
     * @param timestamp milliseconds since 1970
     */
    void publish(String id, @Nullable Neighbourhood neighbourhood, long timestamp);
  }

  Votes(MemoryConfig config, Entries rings, Outlet outlet) {
    this.config = config;
    this.rings = rings;
    this.outlet = outlet;
  }

  /** Those of a task of Kafka Streams. */
  static Votes of(MemoryConfig config, ProcessorContext<String, Object> context) {
    KeyValueStore<String, byte[]> rings = context.getStateStore(IndexerTopology.RINGS);
    return new Votes(
        config,
        Entries.of(rings),
        (id, neighbourhood, timestamp) ->
            context.forward(
                new Record<String, Object>(id, neighbourhood, timestamp),
                IndexerTopology.NEIGHBOURS_SINK));
  }

  /** Whether a visit was counted before. */
  boolean counted(String id, Ring.Visited visited) {
    Ring ring = ring(id);
    return ring != null && ring.counted(visited);
  }

  /**
   * Counts a visit. It casts a vote, and the neighbourhood is published, where the image was in the
   * memory when that was searched; else a vote could only go against it.
   *
   * @param found what the search found; null where the image wasn't in the memory
   * @param hubness of the image before this visit, where it is known
   * @return whether it voted
   */
  boolean count(Visit visit, @Nullable List<Neighbour> found, @Nullable Integer hubness) {
    String id = visit.id();
    Ring.Visited visited = visit.visited();
    Ring ring = ring(id);
    if (ring == null || !ring.continues(visited)) {
      rings.put(id, Ring.first(visited).encode());
      return false;
    }
    if (found == null) {
      rings.put(id, ring.seen(visited).encode());
      return false;
    }
    Ring next = ring.with(visited, hubness, found, config.votes());
    Neighbourhood neighbourhood = next.neighbourhood(id, config.topK());
    outlet.publish(id, neighbourhood, visit.timestamp());
    rings.put(id, next.encode());
    return true;
  }

  /** Forgets an image that was deleted. */
  void forget(String id) {
    if (rings.get(id) != null) {
      rings.delete(id);
    }
  }

  /** Forgets an image that had to leave the memory, unless it was visited since, and says so. */
  void evicted(String id, Evicted evicted, long timestamp) {
    Ring ring = ring(id);
    if (ring != null
        && ring.last().visit() <= evicted.visit()
        && Model.hash(ring.last().modelId()) == evicted.model()) {
      rings.delete(id);
      outlet.publish(id, null, timestamp);
    }
  }

  private @Nullable Ring ring(String id) {
    byte[] stored = rings.get(id);
    return stored == null ? null : Ring.decode(stored);
  }
}
