package stream.adasim.standalone.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  @Test
  void measuresFromTheStartWhileTheSpanIsNotFilled() {
    Arrivals arrivals = new Arrivals(START);
    assertThat(arrivals.perSecond(START, 0)).isZero();
    assertThat(arrivals.perSecond(START.plusSeconds(2), 100)).isCloseTo(50, within(1e-9));
  }

  @Test
  void forgetsWhatIsOlderThanTenSeconds() {
    Arrivals arrivals = new Arrivals(START);
    double rate = Double.NaN;
    for (int tick = 1; tick <= 240; tick++) {
      // 1,000 a second for half a minute, then 10 a second.
      long count = tick <= 120 ? tick * 250L : 30_000 + (tick - 120) * 5L / 2;
      rate = arrivals.perSecond(START.plusMillis(tick * 250L), count);
    }
    assertThat(rate).isCloseTo(10, within(0.5));
  }

  @Test
  void fallsToZeroWhenNothingComes() {
    Arrivals arrivals = new Arrivals(START);
    double rate = Double.NaN;
    for (int tick = 1; tick <= 100; tick++) {
      rate = arrivals.perSecond(START.plusMillis(tick * 250L), 500);
    }
    assertThat(rate).isZero();
  }
}
