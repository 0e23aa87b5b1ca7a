package stream.adasim.bench.memory;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;

/** Counts neighbourhoods and notes when each embedding shows, as a reader of committed records. */
final class Results implements AutoCloseable {
  private final KafkaConsumer<String, byte[]> consumer;
  private final String embeddings;
  private final Map<String, Long> shown = new ConcurrentHashMap<>(); // nanoTime, by id
  private final AtomicLong neighbourhoods = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;

  Results(Connection connection) {
    TopicCatalogue topics = new TopicCatalogue(connection);
    embeddings = topics.name(Topic.EMBEDDINGS);
    consumer =
        new KafkaConsumer<>(
            connection.consumer(), new StringDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        List.of(embeddings, topics.name(Topic.NEIGHBOURS)).stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    thread = Thread.ofPlatform().name("bench-results").start(this::run);
  }

  private void run() {
    while (!closing) {
      for (ConsumerRecord<String, byte[]> message : consumer.poll(Duration.ofMillis(20))) {
        if (message.topic().equals(embeddings)) {
          shown.putIfAbsent(message.key(), System.nanoTime());
        } else if (message.value() != null) {
          neighbourhoods.incrementAndGet();
        }
      }
    }
  }

  long neighbourhoods() {
    return neighbourhoods.get();
  }

  boolean shows(Map<String, Long> sent) {
    return shown.keySet().containsAll(sent.keySet());
  }

  /**
   * Milliseconds until each embedding showed, ascending.
   *
   * @param sent nanoTime by id
   */
  double[] latencies(Map<String, Long> sent) {
    double[] millis =
        sent.entrySet().stream()
            .mapToDouble(one -> (shown.getOrDefault(one.getKey(), 0L) - one.getValue()) / 1e6)
            .toArray();
    Arrays.sort(millis);
    return millis;
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    consumer.close();
  }
}
