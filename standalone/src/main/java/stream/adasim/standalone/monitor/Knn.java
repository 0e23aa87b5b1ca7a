package stream.adasim.standalone.monitor;

import java.util.Arrays;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * Weighted nearest-neighbour accuracy, the usual measure of representations without training a
 * classifier (Wu et al. 2018; Caron et al. 2021 use k = 20 and a temperature of 0.07). Each vector
 * is classified by all the others: exact neighbours by cosine, class score the sum of exp(cosine /
 * temperature) over the k nearest, equal scores won by the lower class.
 */
public final class Knn {
  private static final int BLOCK = 256;

  private Knn() {}

  /**
   * Leave-one-out accuracy.
   *
   * @param vectors (n, dim), row by row, of any length; compared as unit vectors
   * @param labels n classes, 0 or higher
   * @param k neighbours that vote; n - 1 where it is larger
   * @param temperature above 0
   * @return the share of vectors whose class was found, within 0..1
   * @throws IllegalArgumentException where fewer than two vectors are given or sizes don't agree
   */
  public static double leaveOneOut(
      Kernels kernels, float[] vectors, int dim, int[] labels, int k, double temperature) {
    int n = labels.length;
    requireSizes(vectors.length, dim, n, k, temperature);
    int classes = classes(labels);
    int wanted = Math.min(k, n - 1) + 1; // the vector itself is usually the nearest

    Tensor bank = kernels.allocate(n, dim);
    bank.write(unitRows(vectors, dim));
    double[] scores = new double[classes];
    int right = 0;
    for (int first = 0; first < n; first += BLOCK) {
      int queries = Math.min(BLOCK, n - first);
      int[] rows = new int[queries * wanted];
      float[] cosines = new float[queries * wanted];
      Tensor block = bank.view((long) first * dim, queries, dim);
      kernels.topK(block, bank, n, wanted, rows, cosines);
      for (int q = 0; q < queries; q++) {
        int self = first + q;
        int at = q * wanted;
        if (vote(rows, cosines, at, wanted, self, labels, temperature, scores) == labels[self]) {
          right++;
        }
      }
    }
    return (double) right / n;
  }

  /**
   * {@link #leaveOneOut} of the pixels themselves, what any representation has to beat: images
   * brought to 32x32 by averaging areas, the mean image subtracted.
   *
   * @param images (n, 3, side, side), planar, in any scale that all of them share
   * @param labels n classes, 0 or higher
   */
  public static double rawPixels(
      Kernels kernels, float[] images, int side, int[] labels, int k, double temperature) {
    float[] pixels = Thumbnails.of(images, labels.length, side);
    subtractMean(pixels, labels.length);
    return leaveOneOut(kernels, pixels, Thumbnails.SIZE, labels, k, temperature);
  }

  /** The class that the neighbours of one query choose, the query itself left out. */
  private static int vote(
      int[] rows,
      float[] cosines,
      int at,
      int wanted,
      int self,
      int[] labels,
      double temperature,
      double[] scores) {
    Arrays.fill(scores, 0);
    int votes = 0;
    // Exponents are taken from the nearest cosine, so that no temperature makes them overflow.
    float nearest = Float.NEGATIVE_INFINITY;
    // With many duplicates the query may lie behind all of them: then the last one is the surplus.
    for (int i = at; i < at + wanted && votes < wanted - 1; i++) {
      if (rows[i] == self) {
        continue;
      }
      nearest = Math.max(nearest, cosines[i]);
      scores[labels[rows[i]]] += Math.exp((cosines[i] - nearest) / temperature);
      votes++;
    }
    int best = 0;
    for (int c = 1; c < scores.length; c++) {
      if (scores[c] > scores[best]) {
        best = c;
      }
    }
    return best;
  }

  private static float[] unitRows(float[] vectors, int dim) {
    float[] unit = new float[vectors.length];
    for (int row = 0; row < vectors.length; row += dim) {
      double squares = 0;
      for (int i = row; i < row + dim; i++) {
        squares += (double) vectors[i] * vectors[i];
      }
      double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
      for (int i = row; i < row + dim; i++) {
        unit[i] = (float) (vectors[i] * scale);
      }
    }
    return unit;
  }

  private static void subtractMean(float[] pixels, int n) {
    int size = Thumbnails.SIZE;
    double[] mean = new double[size];
    for (int i = 0; i < pixels.length; i++) {
      mean[i % size] += pixels[i];
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] -= (float) (mean[i % size] / n);
    }
  }

  private static int classes(int[] labels) {
    int highest = 0;
    for (int label : labels) {
      if (label < 0) {
        throw new IllegalArgumentException("label=" + label + " must be 0 or higher");
      }
      highest = Math.max(highest, label);
    }
    return highest + 1;
  }

  private static void requireSizes(int floats, int dim, int n, int k, double temperature) {
    if (n < 2) {
      throw new IllegalArgumentException("labels=" + n + " must be 2 or more: nothing to compare");
    }
    if (dim < 1 || floats != (long) n * dim) {
      throw new IllegalArgumentException(
          "vectors hold " + floats + " floats, expected labels * dim = " + n + " * " + dim);
    }
    if (k < 1 || !(temperature > 0)) {
      throw new IllegalArgumentException(
          "k=" + k + " must be 1 or more and temperature=" + temperature + " above 0");
    }
  }
}
