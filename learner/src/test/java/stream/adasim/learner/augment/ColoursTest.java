package stream.adasim.learner.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ColoursTest {
  private static final float TOLERANCE = 1e-6f;

  private final Colours colours = new Colours(2); // two pixels

  /** (.2, .4, .6) and (.8, .6, .1), behind one float that must stay. */
  private final float[] out = {9, 0.2f, 0.8f, 0.4f, 0.6f, 0.6f, 0.1f};

  private void assertPixels(float... expected) {
    assertThat(out[0]).isEqualTo(9);
    for (int i = 0; i < 6; i++) {
      assertThat(out[i + 1]).as("value %d", i).isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  @Test
  void brightnessMultipliesAndClips() {
    colours.brighten(out, 1, 1.4f);
    assertPixels(0.28f, 1, 0.56f, 0.84f, 0.84f, 0.14f);
  }

  @Test
  void contrastBlendsWithTheMeanGrey() {
    colours.contrast(out, 1, 0.5f);
    // greys .299*.2+.587*.4+.114*.6 = .363 and .299*.8+.587*.6+.114*.1 = .6028; mean .4829
    float half = 0.4829f / 2;
    assertPixels(0.1f + half, 0.4f + half, 0.2f + half, 0.3f + half, 0.3f + half, 0.05f + half);
  }

  @Test
  void saturationBlendsWithEachPixelsGrey() {
    colours.saturate(out, 1, 1.2f);
    // 1.2 v - .2 grey, greys as above; the last, .12 - .12056, clips
    assertPixels(0.1674f, 0.83944f, 0.4074f, 0.59944f, 0.6474f, 0);
  }

  @Test
  void greyIsPillowsLuma() {
    colours.grey(out, 1);
    assertPixels(0.363f, 0.6028f, 0.363f, 0.6028f, 0.363f, 0.6028f);
  }

  @Test
  void solariseInvertsFrom128On() {
    float[] values = {9, 127 / 255f, 128 / 255f, 0, 1, 0.25f, 0.75f};
    System.arraycopy(values, 0, out, 0, 7);
    colours.solarise(out, 1);
    assertPixels(127 / 255f, 127 / 255f, 0, 0, 0.25f, 0.25f);
  }

  @Test
  void aThirdOfATurnRotatesTheChannels() {
    colours.turnHue(out, 1, 1 / 3f); // red takes blue's place, green red's, blue green's
    assertPixels(0.6f, 0.1f, 0.2f, 0.8f, 0.4f, 0.6f);
    colours.turnHue(out, 1, -1 / 3f);
    assertPixels(0.2f, 0.8f, 0.4f, 0.6f, 0.6f, 0.1f);
  }

  @Test
  void hueTurnsAsTheTextbookConversionSays() {
    var seed = 3L;
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 5_000; i++) {
      float turn = (float) (random.nextDouble() - 0.5);
      float[] before = new float[6];
      for (int v = 0; v < 6; v++) {
        // few levels, so that equal channels, greys, black and white come up
        before[v] = i % 2 == 0 ? random.nextInt(4) / 3f : (float) random.nextDouble();
      }
      System.arraycopy(before, 0, out, 1, 6);
      colours.turnHue(out, 1, turn);
      for (int p = 0; p < 2; p++) {
        var expected = turned(before[p], before[2 + p], before[4 + p], turn);
        for (int c = 0; c < 3; c++) {
          assertThat(out[1 + 2 * c + p])
              .as("seed %d, round %d, channel %d", seed, i, c)
              .isCloseTo((float) expected[c], within(1e-5f));
        }
      }
    }
  }

  @Test
  void hueOfManyPixelsAtOnceTurnsAsOfOne() {
    long seed = 5;
    var random = new SplittableRandom(seed);
    for (int plane : new int[] {7, 16, 37, 64}) {
      for (int i = 0; i < 200; i++) {
        float turn = (float) (random.nextDouble() - 0.5);
        float[] view = new float[3 * plane + 1];
        for (int v = 1; v < view.length; v++) {
          view[v] = i % 2 == 0 ? random.nextInt(4) / 3f : (float) random.nextDouble();
        }
        float[] before = view.clone();
        new Colours(plane).turnHue(view, 1, turn);
        for (int p = 1; p <= plane; p++) {
          var expected = turned(before[p], before[plane + p], before[2 * plane + p], turn);
          for (int c = 0; c < 3; c++) {
            assertThat(view[c * plane + p])
                .as("seed %d, %d pixels, round %d, channel %d of %d", seed, plane, i, c, p)
                .isCloseTo((float) expected[c], within(1e-5f));
          }
        }
      }
    }
  }

  /** RGB to HSV, hue turned, and back, by cases: the definition of Python's colorsys. */
  private static double[] turned(double r, double g, double b, double turn) {
    double max = Math.max(r, Math.max(g, b));
    double min = Math.min(r, Math.min(g, b));
    if (max == min) {
      return new double[] {r, g, b};
    }
    double s = (max - min) / max;
    double rc = (max - r) / (max - min);
    double gc = (max - g) / (max - min);
    double bc = (max - b) / (max - min);
    double h = (r == max ? bc - gc : g == max ? 2 + rc - bc : 4 + gc - rc) / 6 + turn;
    h -= Math.floor(h);
    int i = (int) (h * 6);
    double f = h * 6 - i;
    double p = max * (1 - s);
    double q = max * (1 - s * f);
    double t = max * (1 - s * (1 - f));
    return switch (i % 6) {
      case 0 -> new double[] {max, t, p};
      case 1 -> new double[] {q, max, p};
      case 2 -> new double[] {p, max, t};
      case 3 -> new double[] {p, q, max};
      case 4 -> new double[] {t, p, max};
      default -> new double[] {max, p, q};
    };
  }

  @Test
  void jitterWithoutRangesChangesNothing() {
    colours.jitter(out, 1, 0, 0, 0, 0, new SplittableRandom(1));
    assertPixels(0.2f, 0.8f, 0.4f, 0.6f, 0.6f, 0.1f);
  }

  @Test
  void jitterOfBrightnessAloneStaysWithinItsRange() {
    double sum = 0;
    for (int seed = 0; seed < 2_000; seed++) {
      out[1] = 0.5f;
      colours.jitter(out, 1, 0.4, 0, 0, 0, new SplittableRandom(seed));
      assertThat(out[1]).as("seed %d", seed).isBetween(0.3f, 0.7f);
      sum += out[1];
    }
    assertThat(sum / 2_000).isCloseTo(0.5, within(0.01)); // standard error .0026
  }
}
