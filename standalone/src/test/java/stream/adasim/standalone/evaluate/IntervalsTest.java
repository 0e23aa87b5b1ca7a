package stream.adasim.standalone.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import stream.adasim.standalone.evaluate.Intervals.Interval;

class IntervalsTest {

  /** Newcombe (1998), table I: 81 of 263 gives .2553 to .3662. */
  @Test
  void wilsonAgreesWithPublishedFigures() {
    Interval interval = Intervals.wilson(81, 263);

    assertThat(interval.low()).isCloseTo(0.2553, within(5e-5));
    assertThat(interval.high()).isCloseTo(0.3662, within(5e-5));
  }

  @Test
  void wilsonOfNoneStaysWithinZeroAndOne() {
    assertThat(Intervals.wilson(0, 20).low()).isCloseTo(0, within(1e-12));
    assertThat(Intervals.wilson(20, 20).high()).isCloseTo(1, within(1e-12));
  }

  /** Mean 2, standard error sqrt(1 / 3), t(2) 4.3027. */
  @Test
  void threeObservationsHaveAWideInterval() {
    Interval interval = Intervals.mean(new double[] {1, 2, 3});

    assertThat(interval.value()).isEqualTo(2);
    assertThat(interval.high() - 2).isCloseTo(2.4841, within(1e-4));
    assertThat(interval.above(0)).isFalse();
  }

  @Test
  void oneObservationSaysNothingOfTheSpread() {
    Interval interval = Intervals.mean(new double[] {5});

    assertThat(interval.bounded()).isFalse();
    assertThat(interval.above(0)).isFalse();
  }
}
