package stream.adasim.standalone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.config.ConfigDef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.http.HttpConfig;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.ingest.IngestConfig;
import stream.adasim.ingest.SettingsOptions;
import stream.adasim.learner.LearnerService;
import stream.adasim.learner.monitoring.LearnerServer;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.broker.EmbeddedBroker;
import stream.adasim.standalone.monitor.Evaluation;
import stream.adasim.standalone.monitor.LiveLine;
import stream.adasim.standalone.monitor.Monitor;
import stream.adasim.standalone.monitor.Status;
import stream.adasim.standalone.monitor.Summary;
import stream.adasim.standalone.monitor.SummaryTable;
import stream.adasim.standalone.registry.RegistryProcess;

/** Starts everything in order, shows how it goes, and stops everything in reverse order. */
final class Standalone {
  private static final Logger log = LoggerFactory.getLogger(Standalone.class);
  private static final Duration LINE_EVERY = Duration.ofSeconds(3);
  private static final Duration CATCH_UP = Duration.ofSeconds(30);

  private final StandalonePlan plan;
  private final SettingsOptions options;
  private final InstantSource clock = InstantSource.system();

  Standalone(StandalonePlan plan, SettingsOptions options) {
    this.plan = plan;
    this.options = options;
  }

  /** All settings of all services that standalone starts. */
  static ConfigDef definition() {
    ConfigDef all = IngestConfig.define(LearnerConfig.definition());
    IndexerConfig.definition().configKeys().values().stream()
        .filter(key -> !all.names().contains(key.name))
        .forEach(all::define);
    return all;
  }

  void run() throws Exception {
    // Everything that can be wrong with settings and ports is found before anything is written.
    Settings given =
        settings("localhost:" + plan.kafkaPort(), "http://localhost:" + plan.registryPort());
    LogFile.format(given);
    LearnerConfig preview = LearnerConfig.from(given);
    EmbeddedBroker.requireFree(plan.kafkaPort());
    RegistryProcess.requireFree(plan.registryPort());
    Path home = Path.of(System.getProperty("adasim.home", "."));
    makeFolder(plan.data());
    LogFile.in(plan.data());
    Instant start = clock.instant();
    try (Interrupt interrupt = Interrupt.onSignal()) {
      try (EmbeddedBroker broker =
              EmbeddedBroker.start(
                  plan.data().resolve("kafka"),
                  plan.kafkaPort(),
                  preview.connection().deadLetterMaxBytes());
          RegistryProcess registry =
              RegistryProcess.start(
                  home, plan.data(), plan.registryPort(), broker.bootstrapServers());
          Kernels kernels =
              Backends.open(preview.backend(), preview.threads(), preview.precision())) {
        log.info("event=compute.started {}", kernels.describe());
        Settings settings = settings(broker.bootstrapServers(), registry.url().toString());
        log.info(
            "event=standalone.started seconds={} bootstrap.servers={} schema.registry.url={}"
                + " data={}",
            seconds(start),
            broker.bootstrapServers(),
            registry.url(),
            plan.data());
        Optional<Summary> summary = serve(settings, kernels, registry, interrupt);
        if (summary.isPresent()) {
          System.out.print(SummaryTable.of(summary.get()));
          if (plan.summary().isPresent()) {
            summary.get().write(plan.summary().get());
          }
        }
      }
    }
  }

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UsageException(
          "--data " + folder + ": the folder cannot be made there (" + e + "); choose another one");
    }
  }

  private long seconds(Instant since) {
    return Duration.between(since, clock.instant()).toSeconds();
  }

  private Settings settings(String bootstrapServers, String registryUrl) {
    Map<String, String> fixed = new LinkedHashMap<>();
    fixed.put("bootstrap.servers", bootstrapServers);
    fixed.put("schema.registry.url", registryUrl);
    fixed.put("checkpoint.folder", plan.data().resolve("checkpoints").toString());
    fixed.put("state.dir", plan.data().resolve("indexer").toString());
    fixed.put("seed", Long.toString(plan.seed()));
    return options.load(definition(), System.getenv(), fixed);
  }

  /** Runs the services until the end; what they came to, unless one of them failed. */
  private Optional<Summary> serve(
      Settings settings, Kernels kernels, RegistryProcess registry, Interrupt interrupt)
      throws Exception {
    LearnerConfig learnerConfig = LearnerConfig.from(settings);
    try (IndexerService indexer = IndexerService.start(IndexerConfig.from(settings), kernels);
        Monitor monitor = Monitor.start(learnerConfig.connection(), kernels, clock)) {
      // http.port is the indexer's; the others take their own defaults.
      HttpConfig learnerHttp =
          HttpConfig.from(settings, LearnerServer.DEFAULT_PORT).beside(LearnerServer.DEFAULT_PORT);
      try (LearnerService learner =
              LearnerService.start(learnerConfig, Optional.of(learnerHttp), kernels, clock);
          Receiver _ = Receiver.start(settings, clock);
          Feed feed = Feed.start(plan, IngestConfig.from(settings))) {
        Instant end = plan.duration().map(clock.instant()::plus).orElse(Instant.MAX);
        while (!interrupt.asked() && clock.instant().isBefore(end)) {
          interrupt.await(shorter(LINE_EVERY, Duration.between(clock.instant(), end)));
          failed("indexer", indexer.stopped());
          failed("learner", learner.stopped());
          failed("ingest", feed.stopped());
          if (registry.onExit().isDone()) {
            throw new ServiceFailedException(
                "schema registry",
                new IllegalStateException(
                    "its process ended; " + plan.data().resolve("registry.log") + " says why"));
          }
          System.out.println(LiveLine.of(monitor.status()));
        }
      }
      System.out.println("Training stopped; measuring on the labelled images.");
      Optional<Evaluation.Result> measured = new Evaluation(learnerConfig, kernels).run();
      Status status = monitor.catchUp(CATCH_UP);
      return Optional.of(
          measured.map(result -> summary(status, result)).orElseGet(() -> unlabelled(status)));
    }
  }

  private static Summary summary(Status status, Evaluation.Result result) {
    return Summary.of(
        status,
        new Summary.KnnAccuracy(
            result.untrained(),
            result.trained(),
            result.images(),
            result.images(),
            result.version()),
        result.rawPixels());
  }

  private static Summary unlabelled(Status status) {
    return Summary.of(status, new Summary.KnnAccuracy(null, null, 0, 0, null), null);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static void failed(String service, CompletableFuture<Void> stopped) {
    if (stopped.isCompletedExceptionally()) {
      throw new ServiceFailedException(service, stopped.exceptionNow());
    }
  }
}
