package stream.adasim.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.ingest.Drawings;
import stream.adasim.ingest.Ingest;
import stream.adasim.ingest.IngestConfig;
import stream.adasim.ingest.IngestOptions;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.audit.Audit;
import stream.adasim.standalone.audit.AuditReport;
import stream.adasim.standalone.fixture.KafkaFixture;
import stream.adasim.standalone.fixture.RegistryFixture;
import stream.adasim.standalone.fixture.ServiceProcess;
import stream.adasim.standalone.registry.RegistryProcess;

/** Learners of several processes: one trains, and one that hangs is replaced and stays so. */
class LearnersIT {
  private static final int IMAGES = 60;

  @TempDir static Path folder;
  private static KafkaFixture broker;
  private static RegistryProcess registry;
  private static Kernels kernels;
  private final List<Learner> learners = new ArrayList<>();

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

  /** A learner in a process of its own. */
  private record Learner(Process process, Path log) {
    static Learner start(String name) throws IOException {
      Path log = folder.resolve(name + ".log");
      Process process = ServiceProcess.start(log, "512m", List.of("learner"), settings());
      return new Learner(process, log);
    }

    private static Map<String, String> settings() {
      return Map.ofEntries(
          Map.entry("bootstrap.servers", broker.bootstrapServers()),
          Map.entry("schema.registry.url", registry.url().toString()),
          Map.entry("checkpoint.folder", folder.resolve("checkpoints").toString()),
          Map.entry("checkpoint.every", "1s"),
          Map.entry("models.publish-every", "500ms"),
          Map.entry("compute.threads", "1"),
          Map.entry("model.image-size", "16"),
          Map.entry("model.patch-size", "4"),
          Map.entry("model.prototypes", "64"),
          Map.entry("train.batch-size", "16"),
          Map.entry("train.min-votes", "1"),
          Map.entry("kafka.session.timeout.ms", "6000"),
          Map.entry("kafka.heartbeat.interval.ms", "1000"));
    }

    /** How often its log says something. */
    long says(String what) {
      try (var lines = Files.lines(log)) {
        return lines.filter(line -> line.contains(what)).count();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void signal(String name) throws IOException, InterruptedException {
      Process kill =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
      assertThat(kill.waitFor()).isZero();
    }
  }

  private Learner learner(String name) throws IOException {
    Learner learner = Learner.start(name);
    learners.add(learner);
    return learner;
  }

  @AfterEach
  void stopLearners() throws InterruptedException {
    for (Learner learner : learners) {
      learner.process().destroyForcibly().waitFor();
    }
  }

  private static ConditionFactory eventually(String what) {
    return await(what).atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(250));
  }

  @Test
  void aTrainerThatHangsIsReplacedAndWhatItStillSendsNeverShows() throws Exception {
    Map<String, String> connection =
        Map.of(
            "bootstrap.servers", broker.bootstrapServers(),
            "schema.registry.url", registry.url().toString());
    Map<String, String> flags = new HashMap<>(connection);
    flags.put("state.dir", folder.resolve("state").toString());
    flags.put("http.port", "0");
    IndexerConfig indexing =
        IndexerConfig.from(Settings.load(IndexerConfig.definition(), null, Map.of(), flags));
    Learner first = learner("first");
    eventually("the first trains").until(() -> first.says("event=trainer.active") == 1);
    try (IndexerService indexer = IndexerService.start(indexing, kernels);
        Audit audit = new Audit(indexing)) {
      Ingest.send(
          IngestConfig.from(Settings.load(IngestConfig.definition(), null, Map.of(), connection)),
          IngestOptions.of(new Drawings(IMAGES, 32, 5)),
          line -> {
            throw new AssertionError(line);
          },
          () -> false);
      eventually("some snapshots").until(() -> audit.run().models().newest() > 4);
      Learner second = learner("second");
      eventually("the second embeds").until(() -> second.says("event=embedder.assigned") > 0);
      assertThat(second.says("event=trainer.active")).as("the lease stays where it is").isZero();

      first.signal("STOP");
      eventually("the second trains").until(() -> second.says("event=training.resumed") == 1);
      long version = audit.run().models().newest();
      eventually("it publishes").until(() -> audit.run().models().newest() > version + 2);
      first.signal("CONT");
      eventually("the first is fenced").until(() -> first.says("event=trainer.fenced") == 1);
      long then = audit.run().models().newest();
      eventually("the second goes on").until(() -> audit.run().models().newest() > then + 2);

      assertThat(first.says("event=trainer.active")).isEqualTo(1);
      assertThat(first.process().isAlive()).isTrue();
      eventually("every image has its end").until(() -> audit.run().complete(false));
      AuditReport report = audit.run();
      assertThat(report.faulty()).as("%s", report).isFalse();
      assertThat(report.ends().embedded()).isEqualTo(IMAGES);
      assertThat(report.memory().agreeing()).isPositive();
      assertThat(indexer.stopped()).isNotDone();

      // Killed now, the second leaves training to the first, which never stopped standing by.
      second.process().destroyForcibly().waitFor();
      eventually("the first trains again").until(() -> first.says("event=training.resumed") == 1);
    }
  }
}
