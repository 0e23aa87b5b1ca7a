package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.schemas.wire.Vectors;
import stream.adasim.standalone.monitor.Accuracy;
import stream.adasim.standalone.monitor.Monitor;
import stream.adasim.standalone.monitor.Status;

@ExtendWith(Stack.Provider.class)
class MonitorIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Instant THEN = Instant.parse("2026-11-24T10:00:00Z");

  @Test
  void countsWhatTheTopicsHold(Stack stack) throws Exception {
    Connection connection = stack.connection("monitored.");
    Kernels kernels = Backends.open("nd4j", 1);
    // Started first: it waits for the topics.
    Monitor monitor = Monitor.start(connection, kernels, InstantSource.system());
    try (kernels;
        monitor) {
      try (Admin admin = Admin.create(connection.admin())) {
        new TopicCatalogue(connection).ensure(admin);
      }
      write(connection);

      Status status = monitor.catchUp(LIMIT);

      assertThat(monitor.failure()).isNull();
      assertThat(status.images()).isEqualTo(27);
      assertThat(status.deleted()).isEqualTo(3);
      assertThat(status.imageRecords())
          .as("30 images, 5 sent twice, 3 deletions; what was aborted does not count")
          .isEqualTo(38);
      assertThat(status.deadLetters()).isEqualTo(2);
      assertThat(status.embeddings()).as("30 without the deleted one").isEqualTo(29);
      assertThat(status.accuracy()).isEqualTo(new Accuracy(1, 29, "model", 0));
      assertThat(status.firstEmbedding()).isNotNull().isPositive();
      assertThat(Objects.requireNonNull(status.firstProgress()).getStep()).isEqualTo(10);
      assertThat(Objects.requireNonNull(status.progress()).getStep()).isEqualTo(20);
    }
    assertThat(monitor.status().images()).as("the last status stays").isEqualTo(27);
    assertThat(monitor.failure()).isNull();
    assertThatIllegalStateException().isThrownBy(() -> monitor.catchUp(LIMIT));
  }

  private static void write(Connection connection) {
    Map<String, Object> properties = connection.producer();
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "monitor-it");
    try (KafkaProducer<String, byte[]> producer =
            new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
        AvroSerializer<SpecificRecord> values = new AvroSerializer<>()) {
      values.configure(connection.serde(), false);
      TopicCatalogue names = new TopicCatalogue(connection);
      String images = names.name(Topic.IMAGES);
      String embeddings = names.name(Topic.EMBEDDINGS);
      String progress = names.name(Topic.TRAINING_PROGRESS);
      producer.initTransactions();
      producer.beginTransaction();
      for (int i = 0; i < 35; i++) {
        send(producer, images, "image-" + i % 30, new byte[1_000]);
      }
      for (int i = 0; i < 3; i++) {
        send(producer, images, "image-" + i, null);
      }
      for (int i = 0; i < 2; i++) {
        send(producer, names.name(Topic.IMAGES_DEAD_LETTER), "image-" + i, new byte[10]);
      }
      for (int i = 0; i < 30; i++) {
        send(producer, embeddings, "image-" + i, values.serialize(embeddings, embedding(i)));
      }
      send(producer, embeddings, "image-0", null);
      send(producer, embeddings, "image-1", "no Avro".getBytes(StandardCharsets.UTF_8));
      for (int step : new int[] {10, 20}) {
        send(producer, progress, "learner", values.serialize(progress, progress(step)));
      }
      producer.commitTransaction();
      producer.beginTransaction();
      send(producer, images, "never-sent", new byte[1_000]);
      producer.flush();
      producer.abortTransaction();
    }
  }

  private static void send(
      KafkaProducer<String, byte[]> producer, String topic, String key, byte @Nullable [] value) {
    var _ = producer.send(new ProducerRecord<>(topic, key, value));
  }

  /** Two classes at right angles. */
  private static Embedding embedding(int number) {
    boolean cat = number % 2 == 0;
    return Embedding.newBuilder()
        .setVector(Vectors.of(new float[] {cat ? 1 : 0, cat ? 0 : 1}))
        .setDimension(2)
        .setModelId("model")
        .setModelVersion(0)
        .setCapturedAt(THEN)
        .setEmbeddedAt(THEN)
        .setLabel(cat ? "cat" : "dog")
        .setSourcePartition(0)
        .setSourceOffset(number)
        .build();
  }

  private static TrainingProgress progress(long step) {
    return TrainingProgress.newBuilder()
        .setAt(THEN.plusSeconds(step))
        .setModelId("model")
        .setModelVersion(0)
        .setStep(step)
        .setVisits(32 * step)
        .setPasses(1)
        .setLoss(6)
        .setTeacherEntropy(5)
        .setBatchEntropy(6)
        .setMaxEntropy(8)
        .setGateRate(0)
        .setBootstrappedShare(0)
        .setSelfRankOne(0)
        .setTemperature(0.01)
        .setFeatureStd(1)
        .setLearningRate(5e-4)
        .setWeightDecay(0.04)
        .setMomentum(0.996)
        .setGradientNorm(2)
        .setImagesPerSecond(98)
        .setWaitShare(0)
        .setWindowImages(30)
        .setWindowBytes(30_000)
        .build();
  }
}
