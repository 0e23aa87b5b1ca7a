package stream.adasim.standalone.status;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.registry.RegistryException;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroDeserializer;
import stream.adasim.schemas.wire.BadDataException;

/** Asks broker and topics, from wherever these can be reached; belongs to no group. */
public final class StatusReader {
  private static final int TAIL = 200;
  private static final int NEWEST = 100;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Connection connection;
  private final String indexerGroup;
  private final InstantSource clock;
  private final TopicCatalogue catalogue;
  private final List<String> missing = new ArrayList<>();

  /**
   * @param indexerGroup application id of the indexer
   */
  public StatusReader(Connection connection, String indexerGroup, InstantSource clock) {
    this.connection = connection;
    this.indexerGroup = indexerGroup;
    this.clock = clock;
    this.catalogue = new TopicCatalogue(connection);
  }

  /**
   * The status now.
   *
   * @throws org.apache.kafka.common.KafkaException if no broker answers within some seconds
   */
  public SystemStatus read() {
    missing.clear();
    try (Groups groups = Groups.open(connection)) {
      List<SystemStatus.TopicState> topics = groups.topics(catalogue);
      if (topics.isEmpty()) {
        missing.add(
            "there is none of the topics; is topic.prefix='%s' right, and did a service ever start?"
                .formatted(connection.topicPrefix()));
      }
      List<SystemStatus.Service> services =
          List.of(
              groups.service(
                  "embedder",
                  connection.topicPrefix() + "adasim-embedder",
                  catalogue.name(Topic.IMAGES)),
              groups.service("trainer", connection.topicPrefix() + "adasim-trainer", null),
              groups.service("indexer", indexerGroup, catalogue.name(Topic.REPRESENTATIONS)));
      SystemStatus status =
          new SystemStatus(
              clock.instant().toString(),
              connection.bootstrapServers(),
              services,
              topics,
              training(topics),
              freshness(topics),
              List.of(),
              missing);
      return status.with(Alarms.of(status));
    }
  }

  private List<SystemStatus.Training> training(List<SystemStatus.TopicState> topics) {
    Map<String, TrainingProgress> newest = new HashMap<>();
    tail(
        Topic.TRAINING_PROGRESS,
        topics,
        TrainingProgress.class,
        (key, progress) -> newest.put(key, progress));
    Instant now = clock.instant();
    List<SystemStatus.Training> training = new ArrayList<>();
    newest.forEach((learner, progress) -> training.add(training(learner, progress, now)));
    training.sort(Comparator.comparingDouble(SystemStatus.Training::ageSeconds));
    return training;
  }

  private static SystemStatus.Training training(
      String learner, TrainingProgress progress, Instant now) {
    return new SystemStatus.Training(
        learner,
        Duration.between(progress.getAt(), now).toMillis() / 1e3,
        progress.getModelId(),
        progress.getModelVersion(),
        progress.getStep(),
        progress.getLoss(),
        progress.getBatchEntropy(),
        progress.getMaxEntropy(),
        progress.getGateRate(),
        progress.getBootstrappedShare(),
        progress.getTemperature(),
        progress.getImagesPerSecond(),
        progress.getWindowImages(),
        progress.getAlarms(),
        progress.getHealthAction());
  }

  private SystemStatus.@Nullable Freshness freshness(List<SystemStatus.TopicState> topics) {
    List<Embedding> embeddings = new ArrayList<>();
    tail(Topic.EMBEDDINGS, topics, Embedding.class, (key, embedding) -> embeddings.add(embedding));
    double[] seconds =
        embeddings.stream()
            .filter(embedding -> !embedding.getRefreshed())
            .sorted(Comparator.comparing(Embedding::getCapturedAt).reversed())
            .limit(NEWEST)
            .mapToDouble(
                embedding ->
                    Duration.between(embedding.getCapturedAt(), embedding.getEmbeddedAt())
                            .toMillis()
                        / 1e3)
            .sorted()
            .toArray();
    return seconds.length == 0
        ? null
        : new SystemStatus.Freshness(
            seconds.length, seconds[seconds.length / 2], seconds[seconds.length * 95 / 100]);
  }

  private interface Sink<T> {
    void take(String key, T value);
  }

  /** The newest records of every partition; deletions are left out. */
  private <T extends SpecificRecord> void tail(
      Topic topic, List<SystemStatus.TopicState> topics, Class<T> type, Sink<T> sink) {
    String name = catalogue.name(topic);
    if (topics.stream().noneMatch(state -> state.name().equals(name))) {
      return;
    }
    try (AvroDeserializer<T> values = new AvroDeserializer<>(type);
        KafkaConsumer<String, byte[]> consumer =
            new KafkaConsumer<>(
                connection.consumer(), new StringDeserializer(), new ByteArrayDeserializer())) {
      values.configure(connection.serde(), false);
      for (ConsumerRecord<String, byte[]> message : tail(consumer, name)) {
        T value = message.value() == null ? null : values.deserialize(name, message.value());
        if (value != null) {
          sink.take(String.valueOf(message.key()), value);
        }
      }
    } catch (RegistryException | BadDataException e) {
      missing.add(name + " cannot be read: " + e.getMessage());
    }
  }

  private static List<ConsumerRecord<String, byte[]>> tail(
      KafkaConsumer<String, byte[]> consumer, String topic) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    ends.forEach(
        (partition, end) ->
            consumer.seek(partition, Math.max(begins.getOrDefault(partition, 0L), end - TAIL)));
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadline
        && ends.entrySet().stream()
            .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      consumer.poll(POLL).forEach(records::add);
    }
    return records;
  }
}
