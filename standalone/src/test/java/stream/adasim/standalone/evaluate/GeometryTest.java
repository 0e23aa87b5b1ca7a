package stream.adasim.standalone.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GeometryTest {

  @Test
  void rankMeOfEquallyLongAxesIsTheirNumber() {
    float[] axes = new float[4 * 6];
    for (int i = 0; i < 4; i++) {
      axes[i * 6 + i] = 1;
    }

    assertThat(Geometry.rankMe(axes, 6)).isCloseTo(4, within(1e-4));
  }

  /** numpy: u, s, v = svd([[3, 0], [0, 1]]); p = s / sum(s) + 1e-7; exp(-sum(p * log(p))). */
  @Test
  void rankMeIsTheEntropyOfSingularValuesNotOfTheirSquares() {
    assertThat(Geometry.rankMe(new float[] {3, 0, 0, 1}, 2)).isCloseTo(1.754765, within(1e-5));
  }

  @Test
  void rankMeDoesNotDependOnTheOrderOfRows() {
    SplittableRandom random = new SplittableRandom(3);
    float[] rows = new float[50 * 8];
    float[] reversed = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    for (int r = 0; r < 50; r++) {
      System.arraycopy(rows, r * 8, reversed, (49 - r) * 8, 8);
    }

    assertThat(Geometry.rankMe(reversed, 8)).isCloseTo(Geometry.rankMe(rows, 8), within(1e-9));
  }

  @Test
  void alignmentIsTheMeanSquaredDistanceOfPairs() {
    float[] first = {1, 0, 0, 1};
    float[] second = {0, 1, 0, 1};

    assertThat(Geometry.alignment(first, second, 2)).isCloseTo(1.0, within(1e-12));
  }

  /** Three vectors, pairs at squared distances 2, 4 and 2: log of (2 exp(-4) + exp(-8)) / 3. */
  @Test
  void uniformityIsTheLogOfTheMeanKernel() {
    float[] vectors = {1, 0, 0, 1, -1, 0};

    assertThat(Geometry.uniformity(vectors, 2))
        .isCloseTo(Math.log((2 * Math.exp(-4) + Math.exp(-8)) / 3), within(1e-12));
  }
}
