package stream.adasim.learner.records;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.window.WindowImage;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.schemas.wire.Vectors;

/** Makes the records of the representations topic. Not thread-safe. */
public final class Representations implements AutoCloseable {
  private final AvroSerializer<Representation> values = new AvroSerializer<>();
  private final String topic;

  public Representations(Connection connection) {
    values.configure(connection.serde(), false);
    topic = new TopicCatalogue(connection).name(Topic.REPRESENTATIONS);
  }

  /** The clean view of an arrival, for publishing. */
  public ProducerRecord<byte[], byte[]> arrival(
      ConsumerRecord<byte[], byte[]> source,
      Incoming.Arrival arrival,
      ModelSnapshot model,
      float[] vector) {
    return message(
        source.key(),
        Representation.newBuilder()
            .setKind(RepresentationKind.ARRIVAL)
            .setVector(Vectors.of(vector))
            .setModelId(model.modelId())
            .setModelVersion(model.version())
            .setFingerprint(arrival.fingerprint())
            .setCapturedAt(arrival.image().getCapturedAt())
            .setSource(arrival.image().getSource())
            .setLabel(arrival.image().getLabel())
            .setSourcePartition(source.partition())
            .setSourceOffset(source.offset())
            .build());
  }

  /** The deletion that a tombstone asks for. */
  public ProducerRecord<byte[], byte[]> deletion(ConsumerRecord<byte[], byte[]> source) {
    return message(
        source.key(),
        Representation.newBuilder()
            .setKind(RepresentationKind.DELETION)
            .setVector(List.of())
            .setCapturedAt(Instant.ofEpochMilli(source.timestamp()))
            .setSourcePartition(source.partition())
            .setSourceOffset(source.offset())
            .build());
  }

  /**
   * A visit in training.
   *
   * @param query what to search the memory with; empty to search with the vector
   */
  public ProducerRecord<byte[], byte[]> visit(
      WindowImage image,
      int visit,
      long step,
      String modelId,
      long modelVersion,
      float[] vector,
      float[] query) {
    return message(
        image.id().getBytes(StandardCharsets.UTF_8),
        Representation.newBuilder()
            .setKind(RepresentationKind.VISIT)
            .setVector(Vectors.of(vector))
            .setQuery(Vectors.of(query))
            .setVisit(visit)
            .setStep(step)
            .setModelId(modelId)
            .setModelVersion(modelVersion)
            .setFingerprint(image.fingerprint())
            .setCapturedAt(Instant.ofEpochMilli(image.capturedAt()))
            .setSource(image.source())
            .setLabel(image.label())
            .setSourcePartition(image.partition())
            .setSourceOffset(image.offset())
            .build());
  }

  private ProducerRecord<byte[], byte[]> message(byte[] key, Representation value) {
    return new ProducerRecord<>(topic, key, values.serialize(topic, value));
  }

  @Override
  public void close() {
    values.close();
  }
}
