package stream.adasim.learner;

import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.Kernels;
import stream.adasim.http.HttpConfig;
import stream.adasim.learner.device.DeviceTurn;
import stream.adasim.learner.embedder.Embedder;
import stream.adasim.learner.monitoring.LearnerMetrics;
import stream.adasim.learner.monitoring.LearnerServer;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.trainer.Trainer;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.registry.SchemaRegistry;

/** A running learner: embedder and trainer, each on a thread of its own. */
public final class LearnerService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LearnerService.class);

  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final List<Thread> threads = new ArrayList<>();
  private final @Nullable LearnerServer server;
  private volatile boolean started;
  private volatile boolean stopping;

  private LearnerService(Optional<HttpConfig> http, InstantSource clock) {
    server =
        http.filter(HttpConfig::enabled)
            .map(config -> new LearnerServer(config, this::dead, this::busy, clock))
            .orElse(null);
  }

  /**
   * Starts without HTTP; otherwise as {@link #start(LearnerConfig, Optional, Kernels,
   * InstantSource)}.
   */
  public static LearnerService start(LearnerConfig config, Kernels kernels, InstantSource clock) {
    return start(config, Optional.empty(), kernels, clock);
  }

  /**
   * Creates or verifies the topics and their schemas, and starts.
   *
   * @param http where to show health and metrics; empty for nowhere
   * @param kernels what runs the arithmetic; stays the caller's to close
   * @throws stream.adasim.http.HttpStartException if it cannot listen there
   */
  public static LearnerService start(
      LearnerConfig config, Optional<HttpConfig> http, Kernels kernels, InstantSource clock) {
    LearnerService service = new LearnerService(http, clock);
    try {
      service.begin(config, kernels, clock);
      return service;
    } catch (RuntimeException e) {
      service.close();
      throw e;
    }
  }

  private void begin(LearnerConfig config, Kernels kernels, InstantSource clock) {
    TopicCatalogue catalogue = new TopicCatalogue(config.connection());
    try (Admin admin = Admin.create(config.connection().admin());
        SchemaRegistry registry = SchemaRegistry.open(config.connection().serde())) {
      catalogue.ensure(admin);
      catalogue.ensureSubjects(registry);
    }
    LearnerMetrics metrics = server == null ? LearnerMetrics.unseen(clock) : server.metrics();
    DeviceTurn turn = new DeviceTurn();
    if (config.roles().trains()) {
      run("adasim-trainer", new Trainer(config, kernels, turn, clock, metrics)::run);
    }
    if (config.roles().embeds()) {
      run(
          "adasim-embedder",
          until -> {
            try (Embedder embedder = new Embedder(config, kernels, turn, clock, metrics)) {
              embedder.run(until);
            }
          });
    }
    started = true;
  }

  private Optional<String> dead() {
    return stopped.isCompletedExceptionally()
        ? Optional.of(stopped.exceptionNow().toString())
        : Optional.empty();
  }

  private Optional<String> busy() {
    return started && !stopping
        ? Optional.empty()
        : Optional.of("the service is starting or stopping");
  }

  /** Where it shows health and metrics; empty where it doesn't. */
  public Optional<URI> url() {
    return Optional.ofNullable(server).map(LearnerServer::url);
  }

  private void run(String name, Consumer<BooleanSupplier> part) {
    threads.add(
        Thread.ofPlatform()
            .name(name)
            .start(
                () -> {
                  try {
                    part.accept(() -> stopping);
                    log.info("event={}.stopped", name);
                  } catch (Throwable cause) {
                    // Whatever it is, the service must not go on half alive; who waits hears of it.
                    log.error("event={}.failed", name, cause);
                    stopping = true;
                    stopped.completeExceptionally(cause);
                  }
                }));
  }

  /** Completes when the service has stopped, exceptionally with the cause if it failed. */
  public CompletableFuture<Void> stopped() {
    return stopped;
  }

  /** Finishes what is under way, writes a checkpoint, commits and leaves the groups. */
  @Override
  public void close() {
    stopping = true;
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    stopped.complete(null);
    if (server != null) {
      server.close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
