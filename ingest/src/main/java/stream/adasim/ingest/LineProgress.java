package stream.adasim.ingest;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A plain line every few seconds: for logs and pipes. */
final class LineProgress implements Progress {
  static final Duration EVERY = Duration.ofSeconds(5);

  private final OptionalLong total;
  private final InstantSource clock;
  private final Consumer<String> lines;
  private Instant last;
  private long lastSent;

  /**
   * @param total items to expect, where that is known
   */
  LineProgress(OptionalLong total, InstantSource clock, Consumer<String> lines) {
    this.total = total;
    this.clock = clock;
    this.lines = lines;
    this.last = clock.instant();
  }

  @Override
  public void at(IngestReport report) {
    Instant now = clock.instant();
    Duration passed = Duration.between(last, now);
    if (passed.compareTo(EVERY) < 0) {
      return;
    }
    double rate = (report.sent() - lastSent) * 1e3 / passed.toMillis();
    last = now;
    lastSent = report.sent();
    long done = report.sent() + report.skipped() + report.unreadable();
    String of = total.isPresent() ? " of " + total.getAsLong() : "";
    String left =
        total.isPresent() && rate > 0
            ? String.format(", %.0f s left", Math.max(0, total.getAsLong() - done) / rate)
            : "";
    lines.accept(String.format("%d%s, %.1f images/s%s", done, of, rate, left));
  }

  @Override
  public void close() {}
}
