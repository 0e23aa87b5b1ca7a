package stream.adasim.ingest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Image;
import stream.adasim.ingest.IngestConfig.CapturedAt;
import stream.adasim.ingest.source.FolderWatch;
import stream.adasim.ingest.source.Item;
import stream.adasim.ingest.source.Items;
import stream.adasim.ingest.source.Order;
import stream.adasim.ingest.source.Skipped;
import stream.adasim.ingest.source.Source;
import stream.adasim.ingest.source.SourceImage;
import stream.adasim.ingest.source.Unreadable;

/** One run: what is sent in which order, when, and what is counted. Knows nothing of Kafka. */
final class Run {
  /** How long a wait goes on before stop is asked again. */
  private static final Duration PATIENCE = Duration.ofMillis(50);

  private final CapturedAt capturedAt;
  private final int sourceFolder;
  private final IngestOptions options;
  private final Outlet outlet;
  private final Consumer<String> unreadable;
  private final Progress progress;
  private final BooleanSupplier stop;
  private final Predicate<String> known;
  private final InstantSource clock;
  private final Pace pace;
  private final Set<String> named = new HashSet<>();
  private IngestReport report = IngestReport.NOTHING;

  /** Where records go. */
  @FunctionalInterface
  interface Outlet {
    /**
     * Takes a record.
     *
     * @param image null deletes
     */
    void send(String id, @Nullable Image image);
  }

  /**
   * @param known whether an id is to be passed over
   * @param nanos a clock like {@link System#nanoTime}, for the rate
   */
  Run(
      CapturedAt capturedAt,
      int sourceFolder,
      IngestOptions options,
      Outlet outlet,
      Consumer<String> unreadable,
      Progress progress,
      BooleanSupplier stop,
      Predicate<String> known,
      InstantSource clock,
      LongSupplier nanos) {
    this.capturedAt = capturedAt;
    this.sourceFolder = sourceFolder;
    this.options = options;
    this.outlet = outlet;
    this.unreadable = unreadable;
    this.progress = progress;
    this.stop = stop;
    this.known = known;
    this.clock = clock;
    this.pace = new Pace(options.rate().orElse(Double.POSITIVE_INFINITY), nanos);
  }

  /** Deletions, then every pass over every source, then the watch if there is one. */
  IngestReport all(List<Source> sources, @Nullable FolderWatch watch) {
    for (String id : options.deletions()) {
      outlet.send(id, null);
      report = report.plusDeleted();
    }
    for (int pass = 0; pass < options.repeat(); pass++) {
      for (Source source : sources) {
        pass(source, pass);
      }
    }
    if (watch != null) {
      watch(watch);
    }
    return report;
  }

  private void pass(Source source, int pass) {
    Order order =
        options.shuffle().isPresent()
            ? new Order.Shuffled(options.shuffle().getAsLong() + pass)
            : new Order.AsStored();
    if (ended()) {
      return;
    }
    try (Items items = source.items(order)) {
      Item item = ended() ? null : items.next();
      while (item != null) {
        take(item, pass == 0);
        item = ended() ? null : items.next();
      }
    }
  }

  private void watch(FolderWatch watch) {
    try {
      while (!ended()) {
        Item item = watch.poll(PATIENCE);
        if (item != null) {
          take(item, true);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IngestException("interrupted while watching folders", e);
    }
  }

  private boolean ended() {
    return stop.getAsBoolean()
        || (options.limit().isPresent() && report.sent() >= options.limit().getAsLong());
  }

  private void take(Item item, boolean first) {
    switch (sourced(item)) {
      case SourceImage image -> {
        String id = options.idPrefix() + image.id();
        if (known.test(id)) {
          report = first ? report.plusKnown() : report;
          break;
        }
        if (!paced()) {
          return;
        }
        outlet.send(id, record(image));
        report = report.plusSent(image.bytes().limit());
      }
      case Unreadable(String name, String reason) -> {
        if (named.add(name) || first) {
          unreadable.accept(name + ": " + reason);
          report = report.plusUnreadable();
        }
      }
      case Skipped _ -> report = first ? report.plusSkipped() : report;
    }
    progress.at(report);
  }

  /** With the source that is asked for, or unreadable where it lies less deep than that. */
  private Item sourced(Item item) {
    if (sourceFolder == 0 || !(item instanceof SourceImage image)) {
      return item;
    }
    return SourceImage.folder(image.id(), sourceFolder)
        .<Item>map(image::of)
        .orElseGet(
            () ->
                new Unreadable(
                    image.id(),
                    "has fewer folders above it than ingest.source-folder="
                        + sourceFolder
                        + " asks for: set that lower"));
  }

  /** Waits for the image's turn; false if the run was stopped meanwhile. */
  private boolean paced() {
    long wait = pace.nanosUntilDue();
    while (wait > 0) {
      if (stop.getAsBoolean()) {
        return false;
      }
      LockSupport.parkNanos(Math.min(wait, PATIENCE.toNanos()));
      if (Thread.currentThread().isInterrupted()) {
        return true; // the outlet finds the interrupt and says so
      }
      wait = pace.nanosUntilDue();
    }
    pace.took();
    return true;
  }

  private Image record(SourceImage image) {
    Instant own = image.capturedAt();
    Instant captured =
        switch (capturedAt) {
          case READ -> clock.instant();
          case MODIFIED -> own == null ? clock.instant() : own;
        };
    return new Image(
        image.bytes(),
        image.mediaType(),
        captured,
        image.source(),
        image.label(),
        image.attributes());
  }
}
