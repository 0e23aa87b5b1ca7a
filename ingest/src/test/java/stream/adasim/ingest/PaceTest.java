package stream.adasim.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PaceTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may wrap

  /** Takes events as soon as they are due, for so long; each step of the clock is 0.1 ms. */
  private long takenWithin(Pace pace, long nanos) {
    long taken = 0;
    for (long passed = 0; passed < nanos; passed += 100_000) {
      while (pace.nanosUntilDue() <= 0) {
        pace.took();
        taken++;
      }
      clock.addAndGet(100_000);
    }
    return taken;
  }

  @Test
  void takesAsManyEventsASecondAsAskedFor() {
    assertThat(takenWithin(new Pace(70, clock::get), 10 * SECOND)).isBetween(700L, 701L);
    assertThat(takenWithin(new Pace(0.5, clock::get), 10 * SECOND)).isEqualTo(5);
    assertThat(takenWithin(new Pace(30_000, clock::get), SECOND)).isBetween(29_990L, 30_003L);
  }

  @Test
  void spacesEventsEvenly() {
    var pace = new Pace(10, clock::get);
    for (int i = 0; i < 20; i++) {
      assertThat(pace.nanosUntilDue()).isZero();
      pace.took();
      assertThat(pace.nanosUntilDue()).isEqualTo(SECOND / 10);
      clock.addAndGet(SECOND / 10);
    }
  }

  @Test
  void catchesUpASecondAfterAStallButNoMore() {
    var pace = new Pace(10, clock::get);
    pace.took();
    clock.addAndGet(60 * SECOND);

    int burst = 0;
    while (pace.nanosUntilDue() <= 0) {
      pace.took();
      burst++;
    }

    assertThat(burst).isBetween(10, 11);
  }

  @Test
  void neverWaitsWithoutARate() {
    var pace = new Pace(Double.POSITIVE_INFINITY, clock::get);
    for (int i = 0; i < 1000; i++) {
      assertThat(pace.nanosUntilDue()).isLessThanOrEqualTo(0);
      pace.took();
    }
  }
}
