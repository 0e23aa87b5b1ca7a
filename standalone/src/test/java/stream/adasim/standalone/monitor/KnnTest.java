package stream.adasim.standalone.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;

class KnnTest {
  private static Kernels kernels;

  @BeforeAll
  static void open() {
    kernels = Backends.open("nd4j", 1);
  }

  @AfterAll
  static void close() {
    kernels.close();
  }

  @ParameterizedTest(name = "n={0} dim={1} classes={2} k={3} T={4} seed={5}")
  @CsvSource({
    "700, 24, 7, 20, 0.07, 1",
    "300, 8, 3, 5, 0.5, 2",
    "257, 16, 5, 1, 0.07, 3",
    "40, 4, 2, 100, 0.01, 4",
  })
  void agreesWithPlainSearchOverAllPairs(
      int n, int dim, int classes, int k, double temperature, long seed) {
    Random random = new Random(seed);
    int[] labels = random.ints(n, 0, classes).toArray();
    float[] vectors = clusters(random, labels, classes, dim);

    double expected = bruteForce(vectors, dim, labels, k, temperature);

    assertThat(expected).as("the data must be neither hopeless nor trivial").isBetween(0.3, 0.99);
    assertThat(Knn.leaveOneOut(kernels, vectors, dim, labels, k, temperature))
        .isCloseTo(expected, within(1e-9));
  }

  @Test
  void findsEveryClassOfSeparatePairs() {
    float[] vectors = {1, 0, 0.9f, 0.1f, 0, 1, 0.1f, 0.9f};
    assertThat(Knn.leaveOneOut(kernels, vectors, 2, new int[] {0, 0, 1, 1}, 1, 0.07)).isOne();
  }

  @Test
  void neverCountsAVectorAsItsOwnNeighbour() {
    // Each vector's only neighbour is of the other class: with itself counted all would be right.
    float[] vectors = {1, 0, 0.9f, 0.1f, 0, 1, 0.1f, 0.9f};
    assertThat(Knn.leaveOneOut(kernels, vectors, 2, new int[] {0, 1, 0, 1}, 1, 0.07)).isZero();
  }

  @Test
  void leavesOutTheVectorItselfAmongExactDuplicatesToo() {
    float[] vectors = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    // Equal products come by lower row, so that rows 3 and 4 never see themselves. Rows 0 and 1
    // find one of each class, and the tie is theirs; the others find rows 0 and 1.
    assertThat(Knn.leaveOneOut(kernels, vectors, 2, new int[] {0, 0, 1, 1, 1}, 2, 0.07))
        .isCloseTo(0.4, within(1e-12));
  }

  @Test
  void breaksTiesByLowerClass() {
    // The first vector's neighbours lie at equal angles on either side, one of class 1, one of 2.
    float[] vectors = {1, 0, 0.6f, 0.8f, 0.6f, -0.8f};
    assertThat(Knn.leaveOneOut(kernels, vectors, 2, new int[] {1, 2, 1}, 2, 0.07))
        .as("the tie makes the first right; the second finds class 1 only")
        .isCloseTo(2 / 3.0, within(1e-12));
  }

  @Test
  void comparesDirectionsWhateverTheLengths() {
    float[] vectors = {100, 0, 0.009f, 0.001f, 0, 7, 0.1f, 0.9f};
    assertThat(Knn.leaveOneOut(kernels, vectors, 2, new int[] {0, 0, 1, 1}, 1, 0.07)).isOne();
  }

  @Test
  void letsNearerNeighboursOutvoteMoreDistantOnes() {
    // Two far neighbours of class 1 against one near of class 0.
    float[] vectors = {1, 0, 0.99f, 0.1f, 0, 1, 0, 1};
    int[] labels = {0, 0, 1, 1};
    assertThat(Knn.leaveOneOut(kernels, vectors, 2, labels, 3, 0.07)).isOne();
    assertThat(Knn.leaveOneOut(kernels, vectors, 2, labels, 3, 1000))
        .as("without weights two of the other class win everywhere")
        .isZero();
  }

  @Test
  void measuresPixelsWithTheMeanImageTakenAway() {
    // A bright common pattern hides the classes until the mean is subtracted.
    int n = 40;
    int size = 3 * 32 * 32;
    Random random = new Random(5);
    float[] images = new float[n * size];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % 2;
      for (int p = 0; p < size; p++) {
        float pattern = p % 3 == 0 ? 50 : 0;
        float sign = labels[i] == 0 ? 0.1f : -0.1f;
        images[i * size + p] = pattern + sign + 0.2f * (float) random.nextGaussian();
      }
    }
    assertThat(Knn.rawPixels(kernels, images, 32, labels, 20, 0.07)).isOne();
  }

  @Test
  void refusesSizesThatDoNotAgree() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Knn.leaveOneOut(kernels, new float[5], 2, new int[2], 1, 0.07))
        .withMessageContaining("5 floats");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Knn.leaveOneOut(kernels, new float[2], 2, new int[1], 1, 0.07))
        .withMessageContaining("2 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Knn.leaveOneOut(kernels, new float[4], 2, new int[] {0, -1}, 1, 0.07))
        .withMessageContaining("label=-1");
  }

  private static float[] clusters(Random random, int[] labels, int classes, int dim) {
    float[][] centres = new float[classes][dim];
    for (float[] centre : centres) {
      for (int d = 0; d < dim; d++) {
        centre[d] = (float) random.nextGaussian();
      }
    }
    float[] vectors = new float[labels.length * dim];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = centres[labels[i / dim]][i % dim] + 1.2f * (float) random.nextGaussian();
    }
    return vectors;
  }

  private static double bruteForce(
      float[] vectors, int dim, int[] labels, int k, double temperature) {
    int n = labels.length;
    int classes = IntStream.of(labels).max().orElseThrow() + 1;
    int right = 0;
    for (int self = 0; self < n; self++) {
      int query = self;
      List<Integer> nearest =
          IntStream.range(0, n)
              .filter(other -> other != query)
              .boxed()
              .sorted(
                  Comparator.comparingDouble(
                      (Integer other) -> -cosine(vectors, dim, query, other)))
              .limit(k)
              .toList();
      double[] scores = new double[classes];
      for (int other : nearest) {
        scores[labels[other]] += Math.exp(cosine(vectors, dim, self, other) / temperature);
      }
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = scores[c] > scores[best] ? c : best;
      }
      right += best == labels[self] ? 1 : 0;
    }
    return (double) right / n;
  }

  private static double cosine(float[] vectors, int dim, int a, int b) {
    double product = 0;
    double normA = 0;
    double normB = 0;
    for (int d = 0; d < dim; d++) {
      double x = vectors[a * dim + d];
      double y = vectors[b * dim + d];
      product += x * y;
      normA += x * x;
      normB += y * y;
    }
    return product / Math.sqrt(normA * normB);
  }
}
