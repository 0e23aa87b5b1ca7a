package stream.adasim.learner.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GeometryTest {
  private static final int DIM = 24;
  private static final int ROWS = 400;

  @Test
  void rankOfEvenDirectionsIsTheirNumber() {
    float[] features = new float[ROWS * DIM];
    for (int r = 0; r < ROWS; r++) {
      features[r * DIM + r % 10] = 1;
    }
    // 14 of 24 singular values are 0 and add their 1e-7 alone.
    assertThat(Geometry.rankMe(features, ROWS, DIM)).isCloseTo(10, within(1e-3));
  }

  @Test
  void rankOfTwoUnevenDirectionsIsThatOfItsDefinition() {
    float[] features = {1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0};
    double p = 2.0 / 3; // singular values 2 and 1
    double expected = Math.exp(-p * Math.log(p) - (1 - p) * Math.log(1 - p));
    assertThat(Geometry.rankMe(features, 5, 3)).isCloseTo(expected, within(1e-5));
  }

  @Test
  void rankOfEquallyLongAxesIsTheirNumber() {
    float[] axes = new float[4 * 6];
    for (int i = 0; i < 4; i++) {
      axes[i * 6 + i] = 1;
    }
    assertThat(Geometry.rankMe(axes, 4, 6)).isCloseTo(4, within(1e-4));
  }

  /** numpy: u, s, v = svd([[3, 0], [0, 1]]); p = s / sum(s) + 1e-7; exp(-sum(p * log(p))). */
  @Test
  void rankIsTheEntropyOfSingularValuesNotOfTheirSquares() {
    assertThat(Geometry.rankMe(new float[] {3, 0, 0, 1}, 2, 2)).isCloseTo(1.754765, within(1e-5));
  }

  @Test
  void rankDoesNotDependOnTheOrderOfRows() {
    SplittableRandom random = new SplittableRandom(3);
    float[] rows = new float[50 * 8];
    float[] reversed = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    for (int r = 0; r < 50; r++) {
      System.arraycopy(rows, r * 8, reversed, (49 - r) * 8, 8);
    }
    assertThat(Geometry.rankMe(reversed, 50, 8))
        .isCloseTo(Geometry.rankMe(rows, 50, 8), within(1e-9));
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
    assertThat(Geometry.uniformity(vectors, 3, 2))
        .isCloseTo(Math.log((2 * Math.exp(-4) + Math.exp(-8)) / 3), within(1e-12));
  }

  @Test
  void rankIsTheSameFromEitherGramMatrix() {
    float[] wide = random(10, DIM, 3);
    float[] tall = new float[wide.length];
    for (int i = 0; i < 10; i++) {
      for (int d = 0; d < DIM; d++) {
        tall[d * 10 + i] = wide[i * DIM + d];
      }
    }
    assertThat(Geometry.rankMe(wide, 10, DIM))
        .isCloseTo(Geometry.rankMe(tall, DIM, 10), within(1e-6))
        .isBetween(5.0, 10.0);
  }

  @Test
  void uniformityAndCosineAgreeWithAllPairs() {
    float[] features = random(ROWS, DIM, 4);
    double kernel = 0;
    double cosine = 0;
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < ROWS; j++) {
        if (i != j) {
          double squares = Geometry.squaredDistance(features, i, features, j, DIM);
          kernel += Math.exp(-2 * squares);
          cosine += 1 - squares / 2;
        }
      }
    }
    double pairs = ROWS * (ROWS - 1.0);
    assertThat(Geometry.uniformity(features, ROWS, DIM, 100_000, new SplittableRandom(1)))
        .isCloseTo(Math.log(kernel / pairs), within(0.02));
    assertThat(Geometry.meanCosine(features, ROWS, DIM)).isCloseTo(cosine / pairs, within(1e-6));
  }

  @Test
  void oneAndTheSameFeatureIsTheWorstOfAll() {
    float[] features = new float[ROWS * DIM];
    Arrays.fill(features, (float) (1 / Math.sqrt(DIM)));
    assertThat(Geometry.rankMe(features, ROWS, DIM)).isCloseTo(1, within(1e-3));
    assertThat(Geometry.meanCosine(features, ROWS, DIM)).isCloseTo(1, within(1e-5));
    assertThat(Geometry.uniformity(features, ROWS, DIM, 50, new SplittableRandom(1)))
        .isCloseTo(0, within(1e-9));
    assertThat(Geometry.featureStd(features, ROWS, DIM)).isCloseTo(0, within(1e-3));
  }

  private static float[] random(int rows, int dim, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] features = new float[rows * dim];
    for (int r = 0; r < rows; r++) {
      double squares = 0;
      for (int d = 0; d < dim; d++) {
        features[r * dim + d] = (float) (0.3 + random.nextGaussian());
        squares += features[r * dim + d] * features[r * dim + d];
      }
      for (int d = 0; d < dim; d++) {
        features[r * dim + d] /= (float) Math.sqrt(squares);
      }
    }
    return features;
  }
}
