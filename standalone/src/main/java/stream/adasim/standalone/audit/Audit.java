package stream.adasim.standalone.audit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.ModelPart;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.catalogue.WholeTopic;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroDeserializer;

/**
 * Reads topics from their beginning to their present end, as any user could, and counts. It takes
 * part in nothing; committed records only. An id takes some 200 bytes of memory.
 */
public final class Audit implements AutoCloseable {
  private static final String SOURCE_PARTITION = "__streams.errors.partition";
  private static final String SOURCE_OFFSET = "__streams.errors.offset";
  private static final String SOURCE_TOPIC = "__streams.errors.topic";

  private final IndexerConfig config;
  private final TopicCatalogue topics;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /**
   * @param config of the indexers: where the topics are, and how large memory and rings may be
   */
  public Audit(IndexerConfig config) {
    this.config = config;
    Connection connection = config.connection();
    topics = new TopicCatalogue(connection);
    Map<String, Object> properties = connection.consumer();
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * One audit. Where a topic has lost its beginning to its retention, what only the lost part could
   * show is not called a fault.
   *
   * @throws AuditException if a topic isn't there
   */
  public AuditReport run() {
    return AuditReport.of(ends(), models(), memory());
  }

  private ImageEnds.Outcome ends() {
    ImageEnds ends = new ImageEnds(isWhole(Topic.IMAGES));
    read(
        Topic.IMAGES,
        r ->
            ends.image(
                r.key() == null ? null : id(r),
                new Source(r.partition(), r.offset()),
                r.value() == null));
    String images = topics.name(Topic.IMAGES);
    read(
        Topic.IMAGES_DEAD_LETTER,
        r -> {
          if (images.equals(header(r, SOURCE_TOPIC))) {
            ends.deadLetter(
                new Source(
                    Integer.parseInt(header(r, SOURCE_PARTITION)),
                    Long.parseLong(header(r, SOURCE_OFFSET))));
          }
        });
    read(
        Topic.EMBEDDINGS,
        Embedding.class,
        (r, value) ->
            ends.embedding(
                id(r),
                value == null
                    ? null
                    : new Source(value.getSourcePartition(), value.getSourceOffset())));
    return ends.outcome();
  }

  private ModelLine.Outcome models() {
    ModelLine line = new ModelLine();
    read(
        Topic.MODELS,
        ModelPart.class,
        (r, part) -> {
          if (part != null) {
            line.part(part);
          }
        });
    return line.outcome();
  }

  private VisitReplay.Outcome memory() {
    int stores = Math.max(config.connection().topicPartitions(), config.memoryShards());
    VisitReplay replay =
        new VisitReplay(
            config.memoryVotes(), config.memoryCapacity() / stores, isWhole(Topic.REPRESENTATIONS));
    read(Topic.NEIGHBOURS, Neighbourhood.class, (r, value) -> replay.neighbourhood(id(r), value));
    read(
        Topic.REPRESENTATIONS,
        Representation.class,
        (r, value) -> {
          if (value != null) {
            replay.representation(r.partition(), id(r), value);
          }
        });
    return replay.outcome();
  }

  private interface Sink<T> {
    void accept(ConsumerRecord<byte[], byte[]> message, @Nullable T value);
  }

  private <T extends SpecificRecord> void read(Topic topic, Class<T> type, Sink<T> sink) {
    try (AvroDeserializer<T> values = new AvroDeserializer<>(type)) {
      values.configure(config.connection().serde(), false);
      read(topic, r -> sink.accept(r, values.deserialize(r.topic(), r.value())));
    }
  }

  private void read(Topic topic, Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    WholeTopic.read(consumer, existing(topic), sink);
  }

  private boolean isWhole(Topic topic) {
    List<TopicPartition> partitions = WholeTopic.assign(consumer, existing(topic));
    return consumer.beginningOffsets(partitions).values().stream().allMatch(first -> first == 0);
  }

  private String existing(Topic topic) {
    String name = topics.name(topic);
    if (consumer.partitionsFor(name).isEmpty()) {
      throw new AuditException(
          "topic %s isn't there: found no partitions at %s, expected those of a running system; see bootstrap.servers and topic.prefix"
              .formatted(name, config.connection().bootstrapServers()));
    }
    return name;
  }

  /** Keys that aren't UTF-8 stay apart, too. */
  private static String id(ConsumerRecord<byte[], byte[]> message) {
    return new String(requireNonNull(message.key()), ISO_8859_1);
  }

  private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
    Header header = message.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), UTF_8);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
