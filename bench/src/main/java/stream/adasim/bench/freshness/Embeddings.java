package stream.adasim.bench.freshness;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import stream.adasim.avro.Embedding;
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
  private final AvroDeserializer<Embedding> values = new AvroDeserializer<>(Embedding.class);
  private final Map<String, Seen> seen = new ConcurrentHashMap<>(); // by id
  private final Thread thread;
  private volatile TrainingTotals training = new TrainingTotals(0, 0, 0, 0, 0);
  private final AtomicInteger repeated = new AtomicInteger();
  private volatile boolean closing;

  /**
   * The first embedding of an image.
   *
   * @param nanoTime when it showed
   * @param embedMillis from capture to the vector, by the clock of both
   */
  private record Seen(long nanoTime, long embedMillis) {}

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
    values.configure(connection.serde(), false);
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
          long now = System.nanoTime();
          if (!seen.containsKey(message.key())) {
            Embedding one = values.deserialize(message.topic(), message.value());
            if (one != null) {
              long millis = Duration.between(one.getCapturedAt(), one.getEmbeddedAt()).toMillis();
              seen.put(message.key(), new Seen(now, millis));
            }
          } else if (message.value() != null) {
            repeated.incrementAndGet();
          }
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

  /** Embeddings of images that had one before: those of a sweep. */
  int repeated() {
    return repeated.get();
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
            .mapToDouble(image -> (seen(image.getKey()).nanoTime - image.getValue()) / 1e6)
            .toArray();
    Arrays.sort(millis);
    return millis;
  }

  /** Milliseconds from capture to the vector alone, before it is published, ascending. */
  double[] embedding(Map<String, Long> captured) {
    return captured.keySet().stream().mapToDouble(id -> seen(id).embedMillis).sorted().toArray();
  }

  private Seen seen(String id) {
    Seen one = seen.get(id);
    if (one == null) {
      throw new IllegalStateException(id + " has no embedding");
    }
    return one;
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
    values.close();
  }
}
