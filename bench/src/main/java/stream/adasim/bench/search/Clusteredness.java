package stream.adasim.bench.search;

import java.util.Arrays;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * How clustered vectors are: the share of their variance that k-means explains, 1 - W / V, where W
 * is the mean squared distance to the nearest centroid and V that to the mean. Near 1 where every
 * vector lies in a tight cluster, near 0 for noise of many dimensions.
 *
 * <p>There are as many centroids as the square root of the bank's rows. They come from a sample of
 * 10,000 rows, by k-means++ and 5 iterations of Lloyd's; W and V are measured on as many others,
 * for many centroids would explain noise that they were fitted to. Both samples are half of a
 * smaller bank. The same rows give the same number.
 */
final class Clusteredness {
  private static final int SAMPLE = 10_000;
  private static final int ITERATIONS = 5;
  private static final long SEED = 17;

  private Clusteredness() {}

  /** That of the vectors that the images have now, (rows, D). */
  static double of(VectorStream stream) {
    Random random = new Random(SEED);
    int rows = stream.rows();
    int[] drawn = random.ints(0, rows).distinct().limit(Math.min(2 * SAMPLE, rows)).toArray();
    float[][] sample = Arrays.stream(drawn).mapToObj(stream::current).toArray(float[][]::new);
    int half = sample.length / 2;
    float[][] centroids =
        fit(Arrays.copyOf(sample, half), (int) Math.round(Math.sqrt(rows)), random);
    return explained(Arrays.copyOfRange(sample, half, sample.length), centroids);
  }

  /**
   * The share of the rows' variance that centroids explain; 1 where it is 0 and one lies on it.
   *
   * @param rows (n, D)
   * @param centroids (k, D)
   */
  static double explained(float[][] rows, float[][] centroids) {
    float[] mean = means(rows, new int[rows.length], new float[][] {rows[0]})[0];
    double within = 0;
    double total = 0;
    int[] nearest = nearest(rows, centroids);
    for (int i = 0; i < rows.length; i++) {
      within += distance(rows[i], centroids[nearest[i]]);
      total += distance(rows[i], mean);
    }
    return within == 0 ? 1 : 1 - within / total;
  }

  /**
   * Centroids of rows.
   *
   * @param rows (n, D)
   * @param k how many
   * @return (k, D)
   */
  static float[][] fit(float[][] rows, int k, RandomGenerator random) {
    float[][] centroids = spread(rows, k, random);
    for (int i = 0; i < ITERATIONS; i++) {
      centroids = means(rows, nearest(rows, centroids), centroids);
    }
    return centroids;
  }

  /** k-means++: a row becomes a centroid with odds of its squared distance to those before it. */
  private static float[][] spread(float[][] rows, int k, RandomGenerator random) {
    float[][] chosen = new float[k][];
    double[] distances = new double[rows.length];
    Arrays.fill(distances, 1);
    for (int c = 0; c < k; c++) {
      float[] centroid = rows[draw(distances, random)];
      chosen[c] = centroid;
      boolean first = c == 0;
      IntStream.range(0, rows.length)
          .parallel()
          .forEach(
              i -> {
                double distance = distance(rows[i], centroid);
                distances[i] = first ? distance : Math.min(distances[i], distance);
              });
    }
    return chosen;
  }

  private static int draw(double[] odds, RandomGenerator random) {
    double left = random.nextDouble() * Arrays.stream(odds).sum();
    int row = 0;
    while (row < odds.length - 1 && left >= odds[row]) {
      left -= odds[row];
      row++;
    }
    return row;
  }

  private static int[] nearest(float[][] rows, float[][] centroids) {
    return IntStream.range(0, rows.length)
        .parallel()
        .map(
            i -> {
              int best = 0;
              double least = Double.POSITIVE_INFINITY;
              for (int c = 0; c < centroids.length; c++) {
                double distance = distance(rows[i], centroids[c]);
                if (distance < least) {
                  least = distance;
                  best = c;
                }
              }
              return best;
            })
        .toArray();
  }

  /** The means of the rows by the centroid that each belongs to; one without rows stays. */
  private static float[][] means(float[][] rows, int[] owner, float[][] centroids) {
    int dimension = rows[0].length;
    double[][] sums = new double[centroids.length][dimension];
    int[] counts = new int[centroids.length];
    for (int i = 0; i < rows.length; i++) {
      counts[owner[i]]++;
      for (int d = 0; d < dimension; d++) {
        sums[owner[i]][d] += rows[i][d];
      }
    }
    float[][] means = centroids.clone();
    for (int c = 0; c < means.length; c++) {
      if (counts[c] > 0) {
        means[c] = new float[dimension];
        for (int d = 0; d < dimension; d++) {
          means[c][d] = (float) (sums[c][d] / counts[c]);
        }
      }
    }
    return means;
  }

  /** Squared; four sums, which the processor adds at once. */
  private static double distance(float[] a, float[] b) {
    float[] sums = new float[4];
    int whole = a.length - a.length % sums.length;
    for (int d = 0; d < whole; d += sums.length) {
      for (int lane = 0; lane < sums.length; lane++) {
        float difference = a[d + lane] - b[d + lane];
        sums[lane] += difference * difference;
      }
    }
    for (int d = whole; d < a.length; d++) {
      sums[0] += (a[d] - b[d]) * (a[d] - b[d]);
    }
    return (double) sums[0] + sums[1] + sums[2] + sums[3];
  }
}
