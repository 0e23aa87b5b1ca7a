package stream.adasim.learner.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HubsTest {
  @Test
  void measuresTopShareSkewnessAndTheNeverNamed() {
    int[] named = new int[200];
    Arrays.fill(named, 0, 100, 1);
    named[150] = 60;
    named[160] = 40;
    Indicators indicators = new Indicators();
    Hubs.measure(named, indicators);
    assertThat(indicators.get(Indicator.HUB_SHARE)).isEqualTo(0.5);
    assertThat(indicators.get(Indicator.NEVER_NAMED)).isEqualTo(0.49);
    double squares = 59 * 59 + 39 * 39 + 98;
    double cubes = 59.0 * 59 * 59 + 39.0 * 39 * 39 - 98;
    assertThat(indicators.get(Indicator.HUB_SKEWNESS))
        .isCloseTo(cubes / 200 / Math.pow(squares / 200, 1.5), within(1e-9));
  }

  @Test
  void saysNothingOfTooFewImagesOrWithoutVotes() {
    Indicators indicators = new Indicators();
    Hubs.measure(new int[] {3, 4, 5}, indicators);
    Hubs.measure(new int[500], indicators);
    assertThat(indicators.get(Indicator.HUB_SHARE)).isNaN();
    assertThat(indicators.get(Indicator.NEVER_NAMED)).isNaN();
  }
}
