package stream.adasim.ingest;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import stream.adasim.schemas.catalogue.WholeTopic;
import stream.adasim.schemas.settings.Connection;

/**
 * Which ids the images topic names, deleted ones too: what was deleted must not come back by
 * itself.
 */
final class KnownIds {
  private KnownIds() {}

  /** Reads the topic from its beginning to its end; pixels are passed over as they lie. */
  static Set<String> read(Connection connection, String topic) {
    Set<String> ids = new HashSet<>();
    try (var consumer =
        new KafkaConsumer<String, ByteBuffer>(
            connection.consumer(), new StringDeserializer(), new ByteBufferDeserializer())) {
      WholeTopic.read(
          consumer,
          topic,
          message -> {
            if (message.key() != null) {
              ids.add(message.key());
            }
          });
    }
    return ids;
  }
}
