package stream.adasim.bench.freshness;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import stream.adasim.avro.Image;
import stream.adasim.ingest.source.Items;
import stream.adasim.ingest.source.Order;
import stream.adasim.ingest.source.SourceImage;
import stream.adasim.ingest.source.Synthetic;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroSerializer;

/** Sends drawings of 32 pixels, each under an id of its own. */
final class Camera implements AutoCloseable {
  private static final int DRAWINGS = 2_000;

  private final KafkaProducer<String, byte[]> producer;
  private final AvroSerializer<Image> values = new AvroSerializer<>();
  private final String topic;
  private final List<ByteBuffer> drawings = new ArrayList<>(DRAWINGS);
  private int sent;

  Camera(Connection connection) {
    producer =
        new KafkaProducer<>(
            connection.producer(), new StringSerializer(), new ByteArraySerializer());
    values.configure(connection.serde(), false);
    topic = new TopicCatalogue(connection).name(Topic.IMAGES);
    try (Items items = new Synthetic(DRAWINGS, 32, 1).items(new Order.AsStored())) {
      for (var item = items.next(); item != null; item = items.next()) {
        if (item instanceof SourceImage image) {
          drawings.add(image.bytes());
        }
      }
    }
  }

  /**
   * Sends images at an even rate.
   *
   * @return by id, the nanoTime of their capture
   */
  Map<String, Long> send(int count, double perSecond) {
    Map<String, Long> captured = new LinkedHashMap<>();
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = start + (long) (i / perSecond * 1e9);
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      String id = "frame-" + sent;
      captured.put(id, System.nanoTime());
      Image image =
          Image.newBuilder()
              .setBytes(drawings.get(sent % drawings.size()).duplicate())
              .setCapturedAt(Instant.now())
              .build();
      var _ = producer.send(new ProducerRecord<>(topic, id, values.serialize(topic, image)));
      sent++;
    }
    producer.flush();
    return captured;
  }

  /** Images sent so far. */
  int sent() {
    return sent;
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    values.close();
  }
}
