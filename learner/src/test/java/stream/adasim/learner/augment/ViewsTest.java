package stream.adasim.learner.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import stream.adasim.learner.decode.RgbImage;

class ViewsTest {
  private static final Normalisation NONE = new Normalisation(0, 0, 0, 1, 1, 1);

  private static RgbImage noise(int width, int height, long seed) {
    var pixels = new byte[3 * width * height];
    new Random(seed).nextBytes(pixels);
    return new RgbImage(width, height, pixels);
  }

  /** Left half black, right half white. */
  private static RgbImage halves() {
    var pixels = new byte[3 * 64 * 64];
    for (int i = 0; i < 64 * 64; i++) {
      Arrays.fill(pixels, 3 * i, 3 * i + 3, (byte) (i % 64 < 32 ? 0 : 255));
    }
    return new RgbImage(64, 64, pixels);
  }

  private interface View {
    void of(Views views, RgbImage image, SplittableRandom random, float[] out);
  }

  private static final List<View> ALL =
      List.of(
          (views, image, random, out) -> views.clean(image, out, 0),
          (views, image, random, out) -> views.weak(image, 0.7, random, out, 0),
          (views, image, random, out) -> views.first(image, random, out, 0),
          (views, image, random, out) -> views.second(image, random, out, 0),
          (views, image, random, out) -> views.local(image, random, out, 0));

  @Test
  void normalisesEachChannel() {
    var image = new RgbImage(1, 1, new byte[] {(byte) 255, 0, 51});
    var out = new float[14];
    out[0] = 7;
    out[13] = 8;
    new Views(2, new Normalisation(0.5f, 0.25f, 0.1f, 0.25f, 0.5f, 0.1f)).clean(image, out, 1);
    assertThat(out)
        .containsExactly(
            new float[] {7, 2, 2, 2, 2, -0.5f, -0.5f, -0.5f, -0.5f, 1, 1, 1, 1, 8}, within(1e-5f));
  }

  @Test
  void givesTheSameViewForTheSameSeedOnWhateverTheInstanceDidBefore() {
    var image = noise(40, 50, 1);
    for (int size : new int[] {32, 48}) {
      var used = new Views(size, Normalisation.IMAGENET);
      used.first(noise(90, 70, 2), new SplittableRandom(3), new float[used.length()], 0);
      for (var view : ALL) {
        var one = new float[used.length()];
        var other = new float[used.length()];
        view.of(used, image, new SplittableRandom(5), one);
        view.of(new Views(size, Normalisation.IMAGENET), image, new SplittableRandom(5), other);
        assertThat(one).isEqualTo(other);
      }
    }
  }

  @Test
  void makesFiniteViewsOfAnyShape() {
    int[][] shapes = {{1, 1}, {1, 500}, {500, 1}, {2, 3}, {3000, 2}, {33, 31}, {400, 300}};
    for (int size : new int[] {1, 8, 32, 40}) {
      var views = new Views(size, NONE);
      var out = new float[views.length()];
      for (var shape : shapes) {
        var image = noise(shape[0], shape[1], 4);
        for (int seed = 0; seed < 4; seed++) {
          for (var view : ALL) {
            Arrays.fill(out, Float.NaN);
            view.of(views, image, new SplittableRandom(seed), out);
            // one assertion per view, not per float: a NaN fails either comparison
            boolean fine = true;
            for (float value : out) {
              fine &= value >= 0 && value <= 1.00001f;
            }
            assertThat(fine)
                .as("%d x %d, size %d, seed %d", shape[0], shape[1], size, seed)
                .isTrue();
          }
        }
      }
    }
  }

  @Test
  void cutsQueriesOfTheAreaThatIsAskedFor() {
    // brightness rises from left to right, so that what a view spans of it tells its width
    var pixels = new byte[3 * 64 * 64];
    for (int i = 0; i < 64 * 64; i++) {
      Arrays.fill(pixels, 3 * i, 3 * i + 3, (byte) (i % 64 * 2 + 60));
    }
    var image = new RgbImage(64, 64, pixels);
    double[] widths = new double[3];
    double[] areas = {1, 0.7, 0.1};
    var views = new Views(32, NONE);
    var out = new float[views.length()];
    for (int a = 0; a < areas.length; a++) {
      for (int seed = 0; seed < 500; seed++) {
        views.weak(image, areas[a], new SplittableRandom(seed), out, 0);
        widths[a] += Math.abs(out[16 * 32] - out[16 * 32 + 31]) * 255 / 126 / 500;
      }
    }
    assertThat(widths[0]).isCloseTo(1, within(0.06));
    // areas are uniform: the mean of their roots is 2/3 (1 - a^1.5) / (1 - a)
    assertThat(widths[1]).isCloseTo(0.92, within(0.06));
    assertThat(widths[2]).isCloseTo(0.72, within(0.06));
  }

  @Test
  void flipsGreysAndSolarisesAsOftenAsDinoDoes() {
    var views = new Views(32, NONE);
    var out = new float[views.length()];
    int flips = 0;
    int seen = 0;
    for (int seed = 0; seed < 4_000; seed++) {
      views.first(halves(), new SplittableRandom(seed), out, 0);
      float left = out[16 * 32];
      float right = out[16 * 32 + 31];
      if (left != right) {
        seen++;
        flips += left > right ? 1 : 0;
      }
    }
    assertThat(seen).isGreaterThan(3_900);
    assertThat((double) flips / seen).isCloseTo(0.5, within(0.03)); // standard error .008

    // one bright colour: grey when it has none left; inverted when its brightest channel is dark
    var pixels = new byte[3 * 16 * 16];
    for (int i = 0; i < pixels.length; i += 3) {
      pixels[i] = (byte) 220;
      pixels[i + 1] = (byte) 150;
      pixels[i + 2] = (byte) 140;
    }
    var image = new RgbImage(16, 16, pixels);
    int grey = 0;
    int inverted = 0;
    for (int seed = 0; seed < 4_000; seed++) {
      views.first(image, new SplittableRandom(seed), out, 0);
      grey += Math.abs(out[0] - out[1024]) < 1e-3 && Math.abs(out[0] - out[2048]) < 1e-3 ? 1 : 0;
      views.second(image, new SplittableRandom(seed), out, 0);
      inverted += Math.max(out[0], Math.max(out[1024], out[2048])) < 128 / 255f ? 1 : 0;
    }
    assertThat(grey / 4_000.0).isCloseTo(0.2, within(0.03)); // standard error .006
    assertThat(inverted / 4_000.0).isCloseTo(0.2, within(0.1)); // some were dark to begin with
  }

  /** Counts how many numbers were taken. */
  private static final class Counting implements RandomGenerator {
    private final SplittableRandom random;
    private int taken;

    Counting(long seed) {
      random = new SplittableRandom(seed);
    }

    @Override
    public long nextLong() {
      taken++;
      return random.nextLong();
    }
  }

  @Test
  void blursTheSecondViewOneTimeInTen() {
    var views = new Views(33, NONE);
    var out = new float[views.length()];
    var image = noise(33, 33, 9);
    int blurred = 0;
    for (int seed = 0; seed < 4_000; seed++) {
      var first = new Counting(seed);
      var second = new Counting(seed);
      views.first(image, first, out, 0);
      views.second(image, second, out, 0);
      // the same up to the blur, then: sigma; whether to blur, sigma if so, whether to solarise
      assertThat(second.taken - first.taken).as("seed %d", seed).isIn(1, 2);
      blurred += second.taken - first.taken - 1;
    }
    assertThat(blurred / 4_000.0).isCloseTo(0.1, within(0.02)); // standard error .005
  }
}
