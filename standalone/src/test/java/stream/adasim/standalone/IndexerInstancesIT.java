package stream.adasim.standalone;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.catalogue.WholeTopic;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.wire.AvroDeserializer;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.schemas.wire.Vectors;
import stream.adasim.standalone.fixture.KafkaFixture;
import stream.adasim.standalone.fixture.RegistryFixture;
import stream.adasim.standalone.fixture.ServiceProcess;
import stream.adasim.standalone.registry.RegistryProcess;

/**
 * Indexers come and go while visits flow. Every image has one vector for good, so that from the
 * third visit on each vote is known beforehand, whatever the order: one that names others has seen
 * half of the memory.
 */
class IndexerInstancesIT {
  private static final int IMAGES = 40;
  private static final int DIMENSION = 16;
  private static final int K = 5;
  private static final int VOTES = 4;

  @TempDir static Path folder;
  private static KafkaFixture broker;
  private static RegistryProcess registry;
  private static Kernels kernels;

  @BeforeAll
  static void start() {
    broker = KafkaFixture.start(folder.resolve("broker"));
    registry = RegistryFixture.start(folder.resolve("registry"), broker.bootstrapServers());
    kernels = Backends.open("auto", 1);
  }

  @AfterAll
  static void stop() {
    kernels.close();
    registry.close();
    broker.close();
  }

  @Test
  void fourShardsCountEveryVisitOnceWhileInstancesComeAndGo() throws Exception {
    try (Visits visits = new Visits("shards.", Map.of("memory.shards", "4"))) {
      IndexerService first = visits.start("first");
      visits.round();
      visits.round();
      visits.awaitVotes();
      Process killed = visits.startProcess("killed");
      eventually().until(() -> visits.working() == 2);
      visits.flow();
      visits.awaitRounds(3);

      killed.destroyForcibly().waitFor();
      eventually().until(() -> visits.working() == 1);
      visits.awaitRounds(3);

      try (IndexerService second = visits.start("second")) {
        eventually().until(() -> visits.working() == 2);
        visits.awaitRounds(3);

        first.close();
        visits.awaitRounds(3);
        assertThat(second.ready()).isTrue();
        visits.assertEveryVisitCountedOnceInTheWholeMemory();
      }
    }
  }

  @Test
  void withoutShardsOneInstanceHasAllAndAnotherTakesOver() throws Exception {
    Map<String, String> settings = Map.of("memory.shards", "1", "memory.standbys", "1");
    try (Visits visits = new Visits("whole.", settings)) {
      IndexerService first = visits.start("first");
      visits.round();
      visits.round();
      visits.awaitVotes();
      try (IndexerService second = visits.start("second")) {
        eventually().until(second::ready);
        visits.flow();
        visits.awaitRounds(3);
        assertThat(visits.working()).isEqualTo(1);
        assertThat(second.counts().read()).isZero();

        visits.pause();
        eventually().until(() -> second.held() == IMAGES && second.copied());
        first.close();
        visits.flow();
        visits.awaitRounds(3);
        assertThat(second.counts().read()).isPositive();
        assertThat(second.restored().records()).as("vectors that it had no copy of").isZero();
        visits.assertEveryVisitCountedOnceInTheWholeMemory();
      }
    }
  }

  @Test
  void theBrokerAssignsWhereItIsAskedTo() {
    Map<String, String> settings = Map.of("group.protocol", "streams", "memory.standbys", "1");
    try (Visits visits = new Visits("broker.", settings);
        IndexerService only = visits.start("only")) {
      visits.round();
      visits.round();
      visits.awaitVotes();
      visits.flow();
      visits.awaitRounds(3);
      assertThat(only.counts().read()).isPositive();
      visits.assertEveryVisitCountedOnceInTheWholeMemory();
    }
  }

  private static ConditionFactory eventually() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100));
  }

  /** A learner's visits, what became of them, and instances of one indexer. */
  private static final class Visits implements AutoCloseable {
    private final Map<String, String> flags = new HashMap<>();
    private final String prefix;
    private final IndexerConfig config;
    private final KafkaProducer<String, Representation> producer;
    private final float[][] vectors = new float[IMAGES][];
    private final ScheduledExecutorService flow = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger rounds = new AtomicInteger();
    private @Nullable ScheduledFuture<?> flowing;

    Visits(String prefix, Map<String, String> settings) {
      this.prefix = prefix;
      flags.putAll(settings);
      flags.put("bootstrap.servers", broker.bootstrapServers());
      flags.put("schema.registry.url", registry.url().toString());
      flags.put("topic.prefix", prefix);
      flags.put("application.id", prefix + "indexer");
      flags.put("memory.top-k", Integer.toString(K));
      flags.put("memory.votes", Integer.toString(VOTES));
      flags.put("commit.interval", "100ms");
      // What is lost with a killed instance is found out sooner than in production.
      flags.put("kafka.main.consumer.session.timeout.ms", "6000");
      flags.put("kafka.main.consumer.heartbeat.interval.ms", "500");
      flags.put("kafka.producer.transaction.timeout.ms", "8000");
      config = config("none");
      AvroSerializer<Representation> values = new AvroSerializer<>();
      values.configure(config.connection().serde(), false);
      producer =
          new KafkaProducer<>(config.connection().producer(), new StringSerializer(), values);
      Random random = new Random(12);
      for (int i = 0; i < IMAGES; i++) {
        vectors[i] = unit(random);
      }
    }

    private Map<String, String> settings(String name) {
      Map<String, String> all = new HashMap<>(flags);
      all.put("state.dir", folder.resolve(prefix + name).toString());
      return all;
    }

    private IndexerConfig config(String name) {
      return IndexerConfig.from(
          Settings.load(IndexerConfig.definition(), null, Map.of(), settings(name)));
    }

    IndexerService start(String name) {
      return IndexerService.start(config(name), kernels);
    }

    Process startProcess(String name) throws IOException {
      Path log = folder.resolve(prefix + name + ".log");
      return ServiceProcess.start(log, "256m", List.of("indexer"), settings(name));
    }

    /** One visit of every image. */
    void round() {
      int visit = rounds.incrementAndGet();
      for (int i = 0; i < IMAGES; i++) {
        Representation value =
            Representation.newBuilder()
                .setKind(RepresentationKind.VISIT)
                .setVector(Vectors.of(vectors[i]))
                .setVisit(visit)
                .setStep(visit)
                .setModelId("model")
                .setFingerprint(i)
                .setCapturedAt(Instant.EPOCH)
                .setSourcePartition(0)
                .setSourceOffset(i)
                .build();
        var _ = producer.send(new ProducerRecord<>(topic(Topic.REPRESENTATIONS), id(i), value));
      }
      producer.flush();
    }

    void flow() {
      flowing = flow.scheduleWithFixedDelay(this::round, 0, 200, TimeUnit.MILLISECONDS);
    }

    /** Sends no more until {@link #flow}, and waits until all that was sent is counted. */
    void pause() throws InterruptedException, ExecutionException {
      requireNonNull(flowing, "flow comes first").cancel(false);
      flow.submit(() -> {}).get();
      awaitRounds(0);
    }

    private void stopFlow() {
      flow.close();
    }

    /** Members of the group that have something to do. */
    int working() {
      try (Admin admin = Admin.create(config.connection().admin())) {
        var group = admin.describeConsumerGroups(List.of(config.applicationId()));
        return (int)
            requireNonNull(group.describedGroups().get(config.applicationId()))
                .get()
                .members()
                .stream()
                .filter(member -> !member.assignment().topicPartitions().isEmpty())
                .count();
      } catch (ExecutionException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Waits until every image has its first vote. */
    void awaitVotes() {
      eventually().until(() -> published().values().stream().mapToInt(List::size).sum() == IMAGES);
    }

    /** Waits until as many rounds as that were counted after those that have been sent by now. */
    void awaitRounds(int more) {
      int enough = rounds.get() + more;
      eventually().until(() -> countedEverywhere() >= enough);
    }

    private int countedEverywhere() {
      Map<String, List<Neighbourhood>> published = published();
      return published.values().stream().mapToInt(n -> n.getLast().getVisit()).min().orElse(0);
    }

    void assertEveryVisitCountedOnceInTheWholeMemory() {
      stopFlow();
      eventually().until(() -> countedEverywhere() == rounds.get());
      Map<String, List<Neighbourhood>> published = published();
      for (int i = 0; i < IMAGES; i++) {
        List<Neighbourhood> ofImage = published.getOrDefault(id(i), List.of());
        assertThat(ofImage)
            .extracting(Neighbourhood::getVisit)
            .isEqualTo(IntStream.rangeClosed(2, rounds.get()).boxed().toList());
        Neighbourhood newest = ofImage.getLast();
        List<Integer> nearest = nearest(i);
        assertThat(newest.getVotes()).isEqualTo(VOTES);
        assertThat(newest.getCandidates())
            .extracting(Candidate::getId)
            .isEqualTo(nearest.stream().map(Visits::id).toList());
        for (int rank = 0; rank < K; rank++) {
          assertThat(newest.getCandidates().get(rank).getSimilarity())
              .isCloseTo(
                  (float) (VOTES * product(vectors[i], vectors[nearest.get(rank)])),
                  within(VOTES * 2e-5f));
        }
      }
    }

    private List<Integer> nearest(int image) {
      return IntStream.range(0, IMAGES)
          .boxed()
          .sorted(Comparator.comparingDouble(j -> -product(vectors[image], vectors[j])))
          .limit(K)
          .toList();
    }

    private Map<String, List<Neighbourhood>> published() {
      AvroDeserializer<Neighbourhood> values = new AvroDeserializer<>(Neighbourhood.class);
      values.configure(config.connection().serde(), false);
      Map<String, List<Neighbourhood>> published = new HashMap<>();
      try (KafkaConsumer<String, Neighbourhood> consumer =
          new KafkaConsumer<>(config.connection().consumer(), new StringDeserializer(), values)) {
        WholeTopic.read(
            consumer,
            topic(Topic.NEIGHBOURS),
            (ConsumerRecord<String, Neighbourhood> message) ->
                published
                    .computeIfAbsent(message.key(), id -> new ArrayList<>())
                    .add(message.value()));
      }
      return published;
    }

    private String topic(Topic topic) {
      return new TopicCatalogue(config.connection()).name(topic);
    }

    private static String id(int image) {
      return "image-%03d".formatted(image);
    }

    private static float[] unit(Random random) {
      float[] vector = new float[DIMENSION];
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] = (float) random.nextGaussian();
      }
      float norm = (float) Math.sqrt(product(vector, vector));
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] /= norm;
      }
      return vector;
    }

    private static double product(float[] a, float[] b) {
      double sum = 0;
      for (int d = 0; d < a.length; d++) {
        sum += (double) a[d] * b[d];
      }
      return sum;
    }

    @Override
    public void close() {
      flow.shutdownNow();
      producer.close();
    }
  }
}
