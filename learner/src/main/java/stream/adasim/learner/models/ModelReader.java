package stream.adasim.learner.models;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.ModelManifest;
import stream.adasim.avro.ModelPart;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroDeserializer;

/** Follows the models topic and holds the newest whole snapshot. Not thread-safe. */
public final class ModelReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModelReader.class);

  private final KafkaConsumer<String, ModelPart> consumer;
  private final TopicPartition partition;
  private final Map<String, Pending> pending = new HashMap<>();
  private @Nullable ModelSnapshot newest;

  private static final class Pending {
    long version = -1;
    final SortedMap<Integer, ByteBuffer> parts = new TreeMap<>();
  }

  public ModelReader(Connection connection) {
    AvroDeserializer<ModelPart> values = new AvroDeserializer<>(ModelPart.class);
    values.configure(connection.serde(), false);
    consumer = new KafkaConsumer<>(connection.consumer(), new StringDeserializer(), values);
    partition = new TopicPartition(new TopicCatalogue(connection).name(Topic.MODELS), 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  /** Reads what has come, for at most the wait, and returns the newest whole snapshot. */
  public Optional<ModelSnapshot> poll(Duration wait) {
    for (ConsumerRecord<String, ModelPart> message : consumer.poll(wait)) {
      if (message.value() != null) {
        accept(message.value());
      }
    }
    return Optional.ofNullable(newest);
  }

  /** Reads to the end of the topic as it was at the call and returns the newest whole snapshot. */
  public Optional<ModelSnapshot> readToEnd() {
    long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
    while (consumer.position(partition) < end) {
      poll(Duration.ofMillis(200));
    }
    return Optional.ofNullable(newest);
  }

  private void accept(ModelPart part) {
    Pending model = pending.computeIfAbsent(part.getModelId(), id -> new Pending());
    if (part.getVersion() != model.version) {
      model.version = part.getVersion();
      model.parts.clear();
    }
    ModelManifest manifest = part.getManifest();
    if (manifest == null) {
      model.parts.put(part.getPart(), part.getPayload());
      return;
    }
    // Compaction may have removed parts that a newer version has replaced: then that one follows.
    if (model.parts.size() == manifest.getParts()) {
      try {
        newest = ModelParts.join(part, manifest, model.parts);
      } catch (DamagedSnapshotException e) {
        log.warn("{}", e.getMessage());
      }
    }
    pending.remove(part.getModelId());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
