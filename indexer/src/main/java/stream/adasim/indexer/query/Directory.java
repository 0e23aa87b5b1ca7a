package stream.adasim.indexer.query;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import stream.adasim.indexer.query.RefusedException.Reason;

/** Which instance holds what, as the members of the application told each other. Thread-safe. */
public final class Directory {
  private final KafkaStreams streams;
  private final HostInfo self;

  /**
   * @param self what this instance told the others as its address
   */
  public Directory(KafkaStreams streams, HostInfo self) {
    this.streams = streams;
    this.self = self;
  }

  /** A partition of a store, and the instance that serves it. */
  public record Place(HostInfo host, int partition) {}

  public HostInfo self() {
    return self;
  }

  /**
   * The instance that serves a key of a store.
   *
   * @throws RefusedException while that is unknown
   */
  public Place of(String store, String key) {
    requireRunning();
    return place(streams.queryMetadataForKey(store, key, new StringSerializer()));
  }

  /**
   * The instances that serve a store, each with its partitions of it.
   *
   * @param partitions how many there are
   * @throws RefusedException while that of any is unknown
   */
  public Map<HostInfo, List<Integer>> allOf(String store, int partitions) {
    requireRunning();
    Map<HostInfo, List<Integer>> all = new LinkedHashMap<>();
    for (int i = 0; i < partitions; i++) {
      all.computeIfAbsent(of(store, i).host(), host -> new ArrayList<>()).add(i);
    }
    return all;
  }

  /**
   * Checks that this instance serves some partitions of a store.
   *
   * @throws RefusedException where it doesn't
   */
  public void requireHere(String store, List<Integer> partitions) {
    requireRunning();
    for (int partition : partitions) {
      HostInfo holder = of(store, partition).host();
      if (!holder.equals(self)) {
        throw elsewhere(holder);
      }
    }
  }

  private Place of(String store, int partition) {
    KeyQueryMetadata metadata =
        streams.queryMetadataForKey(
            store, "", (topic, key, value, all) -> Optional.of(Set.of(partition)));
    return place(metadata);
  }

  private Place place(@Nullable KeyQueryMetadata metadata) {
    if (metadata == null || metadata.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
      throw moving();
    }
    return new Place(metadata.activeHost(), metadata.partition());
  }

  /** Says that two instances disagree for a moment on who holds what. */
  public static RefusedException elsewhere(HostInfo holder) {
    return new RefusedException(
        Reason.MOVING,
        "what was asked for moves to the instance at %s:%d; ask again"
            .formatted(holder.host(), holder.port()));
  }

  /**
   * Checks that this instance's state is whole.
   *
   * @throws RefusedException while it isn't
   */
  public void requireRunning() {
    if (streams.state() != KafkaStreams.State.RUNNING) {
      throw moving();
    }
  }

  private RefusedException moving() {
    return new RefusedException(
        Reason.MOVING,
        "state is being restored or moves between instances (Kafka Streams is %s); ask again"
            .formatted(streams.state()));
  }
}
