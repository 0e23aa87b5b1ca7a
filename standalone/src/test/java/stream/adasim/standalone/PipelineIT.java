package stream.adasim.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.ingest.Drawings;
import stream.adasim.ingest.Ingest;
import stream.adasim.ingest.IngestOptions;
import stream.adasim.ingest.IngestReport;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.wire.AvroDeserializer;
import stream.adasim.standalone.audit.Audit;
import stream.adasim.standalone.audit.AuditReport;
import stream.adasim.standalone.fixture.Pipeline;

/** The whole pipeline, seen from its topics; the tests build on each other. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PipelineIT {
  private static final int IMAGES = 60;
  private static final int LARGE = 20;
  private static final Map<String, String> NO_SWEEP = Map.of("sweep.drift", "2");

  @TempDir static Path folder;
  private static Pipeline pipeline;

  @BeforeAll
  static void start() {
    pipeline = Pipeline.start(folder, NO_SWEEP);
  }

  @AfterAll
  static void stop() {
    pipeline.close();
  }

  private static ConditionFactory eventually() {
    return await()
        .failFast("a service stopped by itself", () -> pipeline.failed())
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(250));
  }

  private static <T extends SpecificRecord> Function<ConsumerRecord<String, byte[]>, T> as(
      Class<T> type) {
    AvroDeserializer<T> values = new AvroDeserializer<>(type);
    values.configure(pipeline.connection().serde(), false);
    return message -> values.deserialize(message.topic(), message.value());
  }

  private static List<TrainingProgress> progress() {
    return pipeline.read(Topic.TRAINING_PROGRESS).stream().map(as(TrainingProgress.class)).toList();
  }

  private static Map<String, Embedding> embeddings() {
    return pipeline.newest(Topic.EMBEDDINGS).values().stream()
        .filter(message -> message.value() != null)
        .collect(Collectors.toMap(ConsumerRecord::key, as(Embedding.class)));
  }

  private static Set<String> sentIds() {
    return pipeline.newest(Topic.IMAGES).values().stream()
        .filter(message -> message.key() != null && message.key().startsWith("synthetic"))
        .map(ConsumerRecord::key)
        .collect(Collectors.toSet());
  }

  @Test
  @Order(1)
  void everyImageEndsInAnEmbeddingAndEverythingElseInADeadLetter() {
    Ingest.send(
        pipeline.ingestConfig(),
        IngestOptions.of(new Drawings(IMAGES, 32, 5)),
        line -> {
          throw new AssertionError(line);
        },
        () -> false);
    String images = new TopicCatalogue(pipeline.connection()).name(Topic.IMAGES);
    byte[] garbage = "no image".getBytes(StandardCharsets.UTF_8);
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            pipeline.connection().producer(), new StringSerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent =
          List.of(
              producer.send(new ProducerRecord<>(images, "garbage", garbage)),
              producer.send(new ProducerRecord<>(images, null, garbage)));
      producer.flush();
      assertThat(sent).allMatch(send -> send.state() == Future.State.SUCCESS);
    }
    eventually()
        .untilAsserted(
            () -> {
              assertThat(embeddings()).hasSize(IMAGES);
              assertThat(pipeline.read(Topic.IMAGES_DEAD_LETTER)).hasSize(2);
            });
    assertThat(embeddings().keySet()).isEqualTo(sentIds());
    embeddings()
        .values()
        .forEach(
            embedding -> {
              assertThat(embedding.getVector()).hasSize(embedding.getDimension());
              assertThat(embedding.getVector().stream().mapToDouble(x -> (double) x * x).sum())
                  .isCloseTo(1, org.assertj.core.api.Assertions.within(1e-3));
              assertThat(embedding.getLabel()).isNotNull();
            });
    ConsumerRecord<String, byte[]> letter =
        pipeline.read(Topic.IMAGES_DEAD_LETTER).stream()
            .filter(message -> message.key() != null)
            .findFirst()
            .orElseThrow();
    assertThat(letter.value()).isEqualTo(garbage);
    assertThat(
            new String(
                letter.headers().lastHeader("__streams.errors.topic").value(),
                StandardCharsets.UTF_8))
        .isEqualTo(images);
    assertThat(letter.headers().lastHeader("__streams.errors.message")).isNotNull();
    assertThat(letter.headers().lastHeader("__streams.errors.offset")).isNotNull();
  }

  @Test
  @Order(2)
  void trainingVisitsEveryImageAndItsVotesComeBackAndOpenGates() {
    eventually()
        .untilAsserted(
            () -> {
              List<Neighbourhood> neighbourhoods =
                  pipeline.newest(Topic.NEIGHBOURS).values().stream()
                      .map(as(Neighbourhood.class))
                      .toList();
              assertThat(neighbourhoods).hasSize(IMAGES);
              assertThat(neighbourhoods).allMatch(n -> n.getVotes() >= 2);
              assertThat(progress()).anyMatch(p -> p.getGateRate() > 0);
            });
    // A search over the whole memory sees images of every partition, not of its own alone.
    Map<String, Integer> partitions =
        pipeline.newest(Topic.NEIGHBOURS).values().stream()
            .collect(Collectors.toMap(ConsumerRecord::key, ConsumerRecord::partition));
    Neighbourhood any =
        as(Neighbourhood.class).apply(pipeline.newest(Topic.NEIGHBOURS).values().iterator().next());
    assertThat(any.getCandidates().stream().map(c -> partitions.get(c.getId())).distinct())
        .doesNotContainNull()
        .hasSizeGreaterThan(1);
  }

  @Test
  @Order(3)
  void aDeletionReachesEveryTopic() {
    String id = sentIds().iterator().next();
    Ingest.send(
        pipeline.ingestConfig(), IngestOptions.deleting(List.of(id)), line -> {}, () -> false);
    eventually()
        .untilAsserted(
            () -> {
              assertThat(deleted(Topic.EMBEDDINGS, id)).isTrue();
              assertThat(deleted(Topic.NEIGHBOURS, id)).isTrue();
            });
    // Feeding the same images again, as a restart does, does not bring it back either.
    IngestReport again =
        Ingest.send(
            pipeline.ingestConfig(),
            IngestOptions.of(new Drawings(IMAGES, 32, 5)).withOnlyNew(),
            line -> {},
            () -> false);
    assertThat(again.sent()).isZero();
    assertThat(again.known()).isEqualTo(IMAGES);
    long steps = progress().getLast().getStep();
    // Two passes later the image is still gone: no late visit has brought it back.
    eventually().until(() -> progress().getLast().getStep() > steps + 2 * IMAGES / 16 + 1);
    assertThat(deleted(Topic.EMBEDDINGS, id)).isTrue();
    assertThat(deleted(Topic.NEIGHBOURS, id)).isTrue();
    assertThat(progress().getLast().getWindowImages()).isEqualTo(IMAGES - 1);
  }

  @Test
  @Order(4)
  void aRestartGoesOnFromTheCheckpointAndEmbedsNothingTwice() {
    List<TrainingProgress> before = progress();
    long arrivals = arrivals();
    pipeline.restart(NO_SWEEP);
    eventually().until(() -> progress().size() > before.size() + 3);
    TrainingProgress resumed = progress().get(before.size());
    assertThat(resumed.getModelId()).isEqualTo(before.getLast().getModelId());
    assertThat(resumed.getStep()).isGreaterThanOrEqualTo(before.getLast().getStep());
    assertThat(resumed.getWindowImages()).isEqualTo(IMAGES - 1);
    // The votes are back at once, too: images whose gate was open are bootstrapped as before.
    eventually().until(() -> progress().getLast().getGateRate() > 0);
    assertThat(arrivals()).isEqualTo(arrivals);
    assertThat(embeddings()).hasSize(IMAGES - 1);
  }

  @Test
  @Order(5)
  void afterADriftAllEmbeddingsReachANewerVersion() {
    long version = progress().getLast().getModelVersion();
    pipeline.restart(Map.of("sweep.drift", "0", "sweep.rate", "1000"));
    eventually()
        .untilAsserted(
            () ->
                assertThat(embeddings())
                    .hasSize(IMAGES - 1)
                    .allSatisfy((id, e) -> assertThat(e.getModelVersion()).isGreaterThan(version)));
  }

  @Test
  @Order(6)
  void largeImagesReachTheWindowWhileTrainingGoesOn() throws IOException {
    // Responses of tens of megabytes, each lost if it is not whole within seconds.
    pipeline.restart(
        Map.of(
            "sweep.drift", "2",
            "kafka.request.timeout.ms", "5000"));
    int before = progress().size();
    eventually().until(() -> progress().size() > before);
    Path large = Files.createDirectories(folder.resolve("large"));
    RandomGenerator random = new SplittableRandom(6);
    for (int i = 0; i < LARGE; i++) {
      BufferedImage image = new BufferedImage(1000, 1000, BufferedImage.TYPE_3BYTE_BGR);
      random.nextBytes(((DataBufferByte) image.getRaster().getDataBuffer()).getData());
      ImageIO.write(image, "bmp", large.resolve(i + ".bmp").toFile());
    }
    IngestReport sent =
        Ingest.send(
            pipeline.ingestConfig(),
            IngestOptions.of(List.of(large)),
            line -> {
              throw new AssertionError(line);
            },
            () -> false);
    assertThat(sent.bytes()).isGreaterThan(LARGE * 3_000_000L);
    eventually().until(() -> progress().getLast().getWindowImages() == IMAGES - 1 + LARGE);
  }

  @Test
  @Order(7)
  void anAuditFindsEveryPromiseKept() {
    IndexerConfig config = pipeline.indexerConfig();
    try (Audit audit = new Audit(config)) {
      AuditReport[] report = new AuditReport[1];
      eventually()
          .untilAsserted(
              () -> {
                report[0] = audit.run();
                assertThat(report[0].complete(false)).as("%s", report[0]).isTrue();
              });
      assertThat(report[0].faulty()).as("%s", report[0]).isFalse();
      assertThat(report[0].ends().embedded()).isEqualTo(IMAGES - 1 + LARGE);
      assertThat(report[0].ends().deleted()).isEqualTo(1);
      assertThat(report[0].ends().deadLettered()).isEqualTo(2);
      assertThat(report[0].models().models()).isEqualTo(1);
      assertThat(report[0].memory().agreeing())
          .isPositive()
          .isEqualTo(report[0].memory().neighbourhoods());
    }
  }

  private static boolean deleted(Topic topic, String id) {
    ConsumerRecord<String, byte[]> newest = pipeline.newest(topic).get(id);
    return newest != null && newest.value() == null;
  }

  private static long arrivals() {
    return pipeline.read(Topic.REPRESENTATIONS).stream()
        .map(as(Representation.class))
        .filter(representation -> representation.getKind() == RepresentationKind.ARRIVAL)
        .count();
  }
}
