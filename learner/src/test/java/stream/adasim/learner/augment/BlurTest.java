package stream.adasim.learner.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BlurTest {
  @Test
  void spreadsAPointAsAGaussian() {
    int size = 224;
    var out = new float[3 * size * size];
    int centre = size * size + 100 * size + 50; // green
    out[centre] = 1;
    new Blur(size).apply(out, 0, 1.0);
    // e^-1/2 per step in each direction, divided by (1 + 2 (e^-.5 + e^-2 + e^-4.5))^2 = 2.506^2
    double peak = 1 / Math.pow(1 + 2 * (Math.exp(-0.5) + Math.exp(-2) + Math.exp(-4.5)), 2);
    assertThat(peak).isCloseTo(0.1592, within(1e-4));
    assertThat((double) out[centre]).isCloseTo(peak, within(1e-6));
    assertThat((double) out[centre + 1]).isCloseTo(peak * Math.exp(-0.5), within(1e-6));
    assertThat((double) out[centre - size]).isCloseTo(peak * Math.exp(-0.5), within(1e-6));
    assertThat((double) out[centre + 2 * size - 1]).isCloseTo(peak * Math.exp(-2.5), within(1e-6));
    assertThat(out[centre + 4]).isZero();
    assertThat(out[100 * size + 50]).isZero();
  }

  @Test
  void repeatsTheBorders() {
    int size = 64;
    var out = new float[3 * size * size];
    Arrays.fill(out, 0.25f);
    new Blur(size).apply(out, 0, 0.5);
    for (float value : out) {
      assertThat(value).isCloseTo(0.25f, within(1e-6f));
    }
  }

  @Test
  void leavesSmallViewsAlone() {
    var out = new float[3 * 32 * 32];
    out[5] = 1;
    new Blur(32).apply(out, 0, new SplittableRandom(1));
    assertThat(out[5]).isEqualTo(1);
  }

  @Test
  void drawsSigmaInProportionToTheView() {
    int size = 64;
    var blur = new Blur(size);
    for (int seed = 0; seed < 200; seed++) {
      var out = new float[3 * size * size];
      int centre = 32 * size + 32;
      out[centre] = 1;
      blur.apply(out, 0, new SplittableRandom(seed));
      // at most sigma 2 * 64 / 224 = .571: the peak is then (1 / (1 + 2 (e^-1.53 + e^-6.13)))^2
      assertThat(out[centre]).as("seed %d", seed).isBetween(0.47f, 1f);
    }
  }
}
