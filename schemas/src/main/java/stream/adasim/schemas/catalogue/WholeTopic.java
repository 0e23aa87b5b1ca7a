package stream.adasim.schemas.catalogue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** All partitions of a topic from its beginning, for consumers that belong to no group. */
public final class WholeTopic {
  private static final Duration POLL = Duration.ofMillis(200);

  private WholeTopic() {}

  /**
   * Assigns all partitions to the consumer, each to be read from its beginning.
   *
   * @param topic with its prefix
   * @return the partitions
   */
  public static List<TopicPartition> assign(KafkaConsumer<?, ?> consumer, String topic) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return partitions;
  }

  /**
   * Hands on every record up to the end that the topic has now, in offset order within a partition,
   * and returns.
   *
   * @param consumer belongs to no group; stays the caller's to close
   * @param topic with its prefix
   */
  public static <K, V> void read(
      KafkaConsumer<K, V> consumer, String topic, Consumer<ConsumerRecord<K, V>> sink) {
    List<TopicPartition> partitions = assign(consumer, topic);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream()
        .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
      consumer.poll(POLL).forEach(sink);
    }
  }
}
