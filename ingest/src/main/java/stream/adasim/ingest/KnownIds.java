package stream.adasim.ingest;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import stream.adasim.schemas.settings.Connection;

/** Which ids the images topic holds and has not deleted. */
final class KnownIds {
  private KnownIds() {}

  /** Reads the topic from its beginning to its end; pixels are passed over as they lie. */
  static Set<String> read(Connection connection, String topic) {
    Set<String> ids = new HashSet<>();
    try (var consumer =
        new KafkaConsumer<String, ByteBuffer>(
            connection.consumer(), new StringDeserializer(), new ByteBufferDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream()
          .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
        for (ConsumerRecord<String, ByteBuffer> message : consumer.poll(Duration.ofMillis(200))) {
          if (message.value() == null) {
            ids.remove(message.key());
          } else if (message.key() != null) {
            ids.add(message.key());
          }
        }
      }
    }
    return ids;
  }
}
