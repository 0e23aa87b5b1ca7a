package stream.adasim.bench.freshness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stream.adasim.avro.ModelPart;
import stream.adasim.bench.Folders;
import stream.adasim.learner.models.ModelParts;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.catalogue.WholeTopic;
import stream.adasim.schemas.registry.SchemaRegistry;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.standalone.broker.EmbeddedBroker;
import stream.adasim.standalone.registry.RegistryProcess;

/**
 * Embeddings per second of one learner and of two, each a process with one thread of arithmetic,
 * pinned to a core of its own; turn by turn. The broker takes what is left of the cores.
 */
@Command(name = "bench/run embedders", mixinStandardHelpOptions = true)
final class EmbeddersCommand implements Callable<Integer> {
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration WINDOW = Duration.ofSeconds(40);

  @Option(names = "--images", description = "Images per turn (default: ${DEFAULT-VALUE}).")
  private int images = 30_000;

  @Option(names = "--turns", description = "Turns of each (default: ${DEFAULT-VALUE}).")
  private int turns = 2;

  @Option(
      names = "--network",
      description = "The backbone that embeds (default: ${DEFAULT-VALUE}).")
  private String network = "small";

  private final Path home = Path.of(System.getProperty("adasim.home", "."));

  private EmbeddersCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new EmbeddersCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("adasim-embedders");
    List<Double> one = new ArrayList<>();
    List<Double> two = new ArrayList<>();
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0, 16 << 20);
        RegistryProcess registry =
            RegistryProcess.start(home, folder, 0, broker.bootstrapServers())) {
      for (int turn = 0; turn < turns; turn++) {
        for (int learners = 1; learners <= 2; learners++) {
          Map<String, String> flags =
              Map.of(
                  "bootstrap.servers",
                  broker.bootstrapServers(),
                  "schema.registry.url",
                  registry.url().toString(),
                  "topic.prefix",
                  "turn" + turn + "-" + learners + ".",
                  "learner.roles",
                  "embed",
                  "model.network",
                  network,
                  "compute.threads",
                  "1");
          double rate = turn(folder, flags, learners);
          (learners == 1 ? one : two).add(rate);
          System.out.printf("%d embedder(s): %,.0f images/s%n", learners, rate);
        }
      }
    } finally {
      Folders.delete(folder);
    }
    System.out.printf(
        "embedders: one %,.0f/s, two %,.0f/s, ratio %.2f%n",
        median(one), median(two), median(two) / median(one));
    return 0;
  }

  private double turn(Path folder, Map<String, String> flags, int learners)
      throws IOException, InterruptedException {
    LearnerConfig config =
        LearnerConfig.from(Settings.load(LearnerConfig.definition(), null, Map.of(), flags));
    TopicCatalogue topics = new TopicCatalogue(config.connection());
    try (Admin admin = Admin.create(config.connection().admin());
        SchemaRegistry schemas = SchemaRegistry.open(config.connection().serde())) {
      topics.ensure(admin);
      topics.ensureSubjects(schemas);
    }
    publishModel(config, topics);
    try (Camera camera = new Camera(config.connection())) {
      camera.send(images, 1e9);
    }
    List<Process> processes = new ArrayList<>();
    long from;
    long to;
    try {
      for (int core = 0; core < learners; core++) {
        processes.add(learner(folder, flags, core));
      }
      awaitWork(folder, processes);
      from = System.currentTimeMillis();
      Thread.sleep(WINDOW);
      to = System.currentTimeMillis();
    } catch (IllegalStateException e) {
      for (int core = 0; core < learners; core++) {
        List<String> lines = Files.readAllLines(log(folder, core));
        System.err.println("embedder " + core + " said at last:");
        lines.subList(Math.max(0, lines.size() - 10), lines.size()).forEach(System.err::println);
      }
      throw e;
    } finally {
      for (Process process : processes) {
        process.destroy();
        process.waitFor();
      }
    }
    // Counted only now: that takes of the same cores.
    return count(config, topics, from, to) * 1e3 / (to - from);
  }

  private void publishModel(LearnerConfig config, TopicCatalogue topics) {
    String topic = topics.name(Topic.MODELS);
    ModelSnapshot untrained =
        new ModelSnapshot(
            "bench",
            0,
            0,
            config.architecture(),
            FeatureNetwork.initialWeights(config.architecture(), 1));
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                config.connection().producer(),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        AvroSerializer<ModelPart> values = new AvroSerializer<>()) {
      values.configure(config.connection().serde(), false);
      for (ModelPart part : ModelParts.split(untrained, Instant.EPOCH)) {
        byte[] key = ModelParts.key(part).getBytes(StandardCharsets.UTF_8);
        var _ = producer.send(new ProducerRecord<>(topic, key, values.serialize(topic, part)));
      }
      producer.flush();
    }
  }

  private Process learner(Path folder, Map<String, String> flags, int core) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("taskset", "-c", Integer.toString(core)));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + home.resolve("jvm.options"));
    command.add("-Xmx1g");
    command.add("-cp");
    command.add(home.resolve("lib") + "/*");
    command.addAll(List.of("stream.adasim.standalone.cli.Main", "learner"));
    flags.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log(folder, core).toFile())
        .start();
  }

  private static Path log(Path folder, int core) {
    return folder.resolve("learner-" + core + ".log");
  }

  /** Waits until all embedders have partitions and are compiled. */
  private static void awaitWork(Path folder, List<Process> processes)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (!assigned(folder, processes.size())) {
      if (System.nanoTime() > end || processes.stream().anyMatch(p -> !p.isAlive())) {
        throw new IllegalStateException("an embedder ended, or got no partitions");
      }
      Thread.sleep(200);
    }
    Thread.sleep(WARM_UP);
  }

  private static boolean assigned(Path folder, int learners) throws IOException {
    for (int core = 0; core < learners; core++) {
      if (!Files.readString(log(folder, core)).contains("event=embedder.assigned")) {
        return false;
      }
    }
    return true;
  }

  /** Representations of that time; all partitions must have had images left at its end. */
  private static long count(LearnerConfig config, TopicCatalogue topics, long from, long to) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            config.connection().consumer(),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      Map<Integer, Integer> before = new HashMap<>();
      LongAdder within = new LongAdder();
      WholeTopic.read(
          consumer,
          topics.name(Topic.REPRESENTATIONS),
          message -> {
            if (message.timestamp() < to) {
              before.merge(message.partition(), 1, Integer::sum);
              within.add(message.timestamp() >= from ? 1 : 0);
            }
          });
      // Images and representations have the same keys and as many partitions.
      consumer
          .endOffsets(WholeTopic.assign(consumer, topics.name(Topic.IMAGES)))
          .forEach(
              (partition, count) -> {
                if (before.getOrDefault(partition.partition(), 0) >= count) {
                  throw new IllegalStateException(
                      partition + " was embedded before the window ended; ask for more --images");
                }
              });
      return within.sum();
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }
}
