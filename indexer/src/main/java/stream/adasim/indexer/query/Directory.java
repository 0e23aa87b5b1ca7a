package stream.adasim.indexer.query;

import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;
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

  public HostInfo self() {
    return self;
  }

  /**
   * The instance that serves a key of a store.
   *
   * @throws RefusedException while that is unknown
   */
  public HostInfo of(String store, String key) {
    requireRunning();
    KeyQueryMetadata metadata = streams.queryMetadataForKey(store, key, new StringSerializer());
    if (metadata.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
      throw moving();
    }
    return metadata.activeHost();
  }

  /**
   * The instances that serve a part of a store.
   *
   * @throws RefusedException while that is unknown
   */
  public List<HostInfo> allOf(String store) {
    requireRunning();
    List<HostInfo> hosts =
        streams.streamsMetadataForStore(store).stream()
            .filter(metadata -> metadata.stateStoreNames().contains(store))
            .map(StreamsMetadata::hostInfo)
            .toList();
    if (hosts.isEmpty()) {
      throw moving();
    }
    return hosts;
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
