package stream.adasim.learner;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.device.DeviceTurn;
import stream.adasim.learner.embedder.Embedder;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.trainer.Trainer;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.registry.SchemaRegistry;

/** A running learner: embedder and trainer, each on a thread of its own. */
public final class LearnerService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LearnerService.class);

  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  private LearnerService() {}

  /**
   * Creates or verifies the topics and their schemas, and starts.
   *
   * @param kernels what runs the arithmetic; stays the caller's to close
   */
  public static LearnerService start(LearnerConfig config, Kernels kernels, InstantSource clock) {
    TopicCatalogue catalogue = new TopicCatalogue(config.connection());
    try (Admin admin = Admin.create(config.connection().admin());
        SchemaRegistry registry = SchemaRegistry.open(config.connection().serde())) {
      catalogue.ensure(admin);
      catalogue.ensureSubjects(registry);
    }
    LearnerService service = new LearnerService();
    DeviceTurn turn = new DeviceTurn();
    if (config.roles().trains()) {
      service.run("adasim-trainer", new Trainer(config, kernels, turn, clock)::run);
    }
    if (config.roles().embeds()) {
      service.run(
          "adasim-embedder",
          until -> {
            try (Embedder embedder = new Embedder(config, kernels, turn, clock)) {
              embedder.run(until);
            }
          });
    }
    return service;
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
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
