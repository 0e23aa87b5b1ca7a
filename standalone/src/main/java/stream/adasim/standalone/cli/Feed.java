package stream.adasim.standalone.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.ingest.Drawings;
import stream.adasim.ingest.Ingest;
import stream.adasim.ingest.IngestConfig;
import stream.adasim.ingest.IngestOptions;
import stream.adasim.ingest.IngestReport;

/**
 * Sends the images that standalone was asked to feed, once: those that the topic holds already,
 * from an earlier run on the same data, are left alone.
 */
final class Feed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Feed.class);
  private static final int SYNTHETIC_SIZE = 32;

  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean stopping;

  private Feed(StandalonePlan plan, IngestConfig config) {
    thread = Thread.ofPlatform().name("adasim-feed").unstarted(() -> run(plan, config));
  }

  static Feed start(StandalonePlan plan, IngestConfig config) {
    Feed feed = new Feed(plan, config);
    feed.thread.start();
    return feed;
  }

  private void run(StandalonePlan plan, IngestConfig config) {
    List<IngestOptions> sources = new ArrayList<>();
    if (!plan.images().isEmpty()) {
      sources.add(IngestOptions.of(plan.images()));
    }
    if (plan.synthetic().isPresent()) {
      sources.add(
          IngestOptions.of(new Drawings(plan.synthetic().getAsInt(), SYNTHETIC_SIZE, plan.seed())));
    }
    try {
      for (IngestOptions options : sources) {
        IngestReport report =
            Ingest.send(
                config,
                options.withOnlyNew(),
                unreadable -> log.warn("event=ingest.unreadable {}", unreadable),
                () -> stopping);
        log.info(
            "event=ingest.finished sent={} skipped={} unreadable={}",
            report.sent(),
            report.skipped(),
            report.unreadable());
      }
      stopped.complete(null);
    } catch (RuntimeException e) {
      // Whatever it is, the main thread hears of it and ends the run.
      stopped.completeExceptionally(e);
    }
  }

  /** Completes when everything is sent, exceptionally if that failed. */
  CompletableFuture<Void> stopped() {
    return stopped;
  }

  /** Stops sending and waits for what was sent. */
  @Override
  public void close() {
    stopping = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
