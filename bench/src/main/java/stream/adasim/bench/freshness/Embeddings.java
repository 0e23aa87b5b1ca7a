package stream.adasim.bench.freshness;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroDeserializer;

/** Notes, as a user would, when each image's first embedding shows, and how training goes. */
final class Embeddings implements AutoCloseable {
  private final KafkaConsumer<String, byte[]> consumer;
  private final AvroDeserializer<TrainingProgress> progress =
      new AvroDeserializer<>(TrainingProgress.class);
  private final String progressTopic;
  private final Map<String, Long> seen = new ConcurrentHashMap<>(); // by id, nanoTime
  private final Thread thread;
  private volatile TrainingTotals training = new TrainingTotals(0, 0, 0, 0, 0);
  private volatile boolean closing;

  /**
   * Sums over the records of training-progress so far.
   *
   * @param step newest
   * @param records how many
   * @param waitMillis sum of the mean waits for a batch
   * @param waitShare sum of the shares of time waited
   * @param decodedShare sum of the shares decoded
   */
  record TrainingTotals(
      long step, int records, double waitMillis, double waitShare, double decodedShare) {}

  Embeddings(Connection connection) {
    TopicCatalogue topics = new TopicCatalogue(connection);
    progressTopic = topics.name(Topic.TRAINING_PROGRESS);
    progress.configure(connection.serde(), false);
    consumer =
        new KafkaConsumer<>(
            connection.consumer(), new StringDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        List.of(topics.name(Topic.EMBEDDINGS), progressTopic).stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    thread = Thread.ofPlatform().name("bench-embeddings").start(this::run);
  }

  private void run() {
    while (!closing) {
      for (ConsumerRecord<String, byte[]> message : consumer.poll(Duration.ofMillis(20))) {
        if (message.topic().equals(progressTopic)) {
          TrainingProgress one = progress.deserialize(message.topic(), message.value());
          if (one != null) {
            add(one);
          }
        } else {
          seen.putIfAbsent(message.key(), System.nanoTime());
        }
      }
    }
  }

  private void add(TrainingProgress one) {
    TrainingTotals before = training;
    training =
        new TrainingTotals(
            one.getStep(),
            before.records + 1,
            before.waitMillis + one.getBatchWaitMillis(),
            before.waitShare + one.getWaitShare(),
            before.decodedShare + one.getDecodedShare());
  }

  TrainingTotals training() {
    return training;
  }

  /** Images that have an embedding. */
  int count() {
    return seen.size();
  }

  /**
   * Milliseconds from capture to embedding, ascending.
   *
   * @param captured by id, nanoTime
   * @throws IllegalStateException where an image has no embedding yet
   */
  double[] latencies(Map<String, Long> captured) {
    double[] millis =
        captured.entrySet().stream()
            .mapToDouble(
                image -> {
                  Long shown = seen.get(image.getKey());
                  if (shown == null) {
                    throw new IllegalStateException(image.getKey() + " has no embedding");
                  }
                  return (shown - image.getValue()) / 1e6;
                })
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
    progress.close();
  }
}
