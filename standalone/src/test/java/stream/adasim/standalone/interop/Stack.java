package stream.adasim.standalone.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Image;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroDeserializer;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.schemas.wire.Vectors;
import stream.adasim.standalone.fixture.KafkaFixture;
import stream.adasim.standalone.fixture.RegistryFixture;
import stream.adasim.standalone.registry.RegistryProcess;

/** A broker, a registry and twenty embeddings, shared by all tests that ask for it. */
final class Stack implements AutoCloseable {
  static final int EMBEDDINGS = 20;
  static final int DIMENSION = 64;

  /** Hands the one stack of the test run to whoever names it as a parameter. */
  static final class Provider implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Stack.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(Stack.class))
          .computeIfAbsent(Stack.class, key -> start(), Stack.class);
    }
  }

  private final KafkaFixture broker;
  private final RegistryProcess registry;
  private final Connection connection;
  private final List<Embedding> embeddings;

  private Stack(KafkaFixture broker, RegistryProcess registry) {
    this.broker = broker;
    this.registry = registry;
    this.connection = connection("");
    this.embeddings = randomEmbeddings(new Random(11));
  }

  private static Stack start() {
    try {
      Path folder = Files.createTempDirectory("interop");
      KafkaFixture broker = KafkaFixture.start(folder.resolve("broker"));
      RegistryProcess registry =
          RegistryFixture.start(folder.resolve("registry"), broker.bootstrapServers());
      Stack stack = new Stack(broker, registry);
      try (Admin admin = Admin.create(stack.connection.admin())) {
        new TopicCatalogue(stack.connection).ensure(admin);
      }
      stack.publishEmbeddings();
      return stack;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String bootstrapServers() {
    return broker.bootstrapServers();
  }

  String registryUrl() {
    return registry.url().toString();
  }

  /** To topics of one's own; they don't exist before somebody makes them. */
  Connection connection(String prefix) {
    return TestConnection.of(bootstrapServers(), registryUrl(), prefix);
  }

  /** The embeddings on the topic, by number; their ids are {@link #id}. */
  List<Embedding> embeddings() {
    return embeddings;
  }

  static String id(int number) {
    return "images/ä " + number + ".png"; // neither ASCII alone nor without blanks
  }

  /** All records that the topic images holds now, read by our own deserialiser. */
  List<ConsumerRecord<String, Image>> images() {
    List<ConsumerRecord<String, Image>> images = new ArrayList<>();
    AvroDeserializer<Image> values = new AvroDeserializer<>(Image.class);
    values.configure(connection.serde(), false);
    try (KafkaConsumer<String, Image> consumer =
        new KafkaConsumer<>(connection.consumer(), new StringDeserializer(), values)) {
      List<TopicPartition> partitions =
          IntStream.range(0, connection.topicPartitions())
              .mapToObj(partition -> new TopicPartition(Topic.IMAGES.baseName(), partition))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        consumer.poll(Duration.ofMillis(200)).forEach(images::add);
      }
    }
    return images;
  }

  /** The partition that Kafka's own partitioner chooses for an id. */
  int partition(String id) {
    byte[] key = id.getBytes(StandardCharsets.UTF_8);
    return BuiltInPartitioner.partitionForKey(key, connection.topicPartitions());
  }

  @Override
  public void close() {
    registry.close();
    try {
      broker.close();
    } catch (Exception e) {
      throw new IllegalStateException("the broker for tests does not stop", e);
    }
  }

  private void publishEmbeddings() {
    AvroSerializer<Embedding> values = new AvroSerializer<>();
    values.configure(connection.serde(), false);
    try (KafkaProducer<String, Embedding> producer =
        new KafkaProducer<>(connection.producer(), new StringSerializer(), values)) {
      for (int i = 0; i < embeddings.size(); i++) {
        var _ =
            producer.send(
                new ProducerRecord<>(Topic.EMBEDDINGS.baseName(), id(i), embeddings.get(i)));
      }
    }
  }

  private static List<Embedding> randomEmbeddings(Random random) {
    return IntStream.range(0, EMBEDDINGS).mapToObj(number -> embedding(random, number)).toList();
  }

  private static Embedding embedding(Random random, int number) {
    float[] vector = new float[DIMENSION];
    for (int d = 0; d < DIMENSION; d++) {
      vector[d] = (float) random.nextGaussian();
    }
    return Embedding.newBuilder()
        .setVector(Vectors.of(vector))
        .setDimension(DIMENSION)
        .setModelId("model")
        .setModelVersion(number)
        .setCapturedAt(Instant.ofEpochMilli(1_790_000_000_123L + number))
        .setEmbeddedAt(Instant.ofEpochMilli(1_790_000_001_456L + number))
        .setSource("folder")
        .setLabel(number % 2 == 0 ? "cat" : null)
        .setSourcePartition(number % 4)
        .setSourceOffset(number)
        .build();
  }

  /** An image as a client must have sent it. */
  static byte[] bytes(Image image) {
    ByteBuffer buffer = image.getBytes().duplicate();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
