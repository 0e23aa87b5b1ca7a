package stream.adasim.ingest;

import java.util.function.LongSupplier;

/**
 * Spaces events evenly. After a stall it catches up at most a second's worth, so that a stall does
 * not end in a burst. Not thread-safe.
 */
final class Pace {
  private static final double SECOND = 1e9;

  private final double interval;
  private final LongSupplier nanos;
  private final long start;
  private double due; // nanoseconds after start; a double, so that no rate drifts by rounding

  /**
   * @param perSecond events per second; infinity for no limit
   * @param nanos a clock like {@link System#nanoTime}
   */
  Pace(double perSecond, LongSupplier nanos) {
    this.interval = SECOND / perSecond;
    this.nanos = nanos;
    this.start = nanos.getAsLong();
  }

  /** Nanoseconds until the next event is due; 0 or less when it is. */
  long nanosUntilDue() {
    return (long) Math.ceil(due - elapsed());
  }

  /** Says that an event took place. */
  void took() {
    due = Math.max(due, elapsed() - SECOND) + interval;
  }

  private double elapsed() {
    return nanos.getAsLong() - start;
  }
}
