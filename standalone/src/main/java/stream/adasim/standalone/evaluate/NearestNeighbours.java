package stream.adasim.standalone.evaluate;

import java.util.Arrays;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * Weighted nearest-neighbour classification (Wu et al. 2018; Caron et al. 2021): the score of a
 * class is the sum of exp(cosine / temperature) over those of the k nearest that belong to it;
 * equal scores are won by the lower class.
 */
public final class NearestNeighbours {
  private static final int BLOCK = 256;

  private NearestNeighbours() {}

  /**
   * Classifies.
   *
   * @param bank unit vectors with their classes
   * @param queries (n, dim), unit vectors
   * @param classes how many there are
   * @param k neighbours that vote; all of the bank where it is smaller
   * @param temperature above 0
   * @return n classes
   */
  public static int[] classify(
      Kernels kernels, Vectors bank, float[] queries, int classes, int k, double temperature) {
    if (bank.count() < 1 || queries.length % bank.dim() != 0 || k < 1 || !(temperature > 0)) {
      throw new IllegalArgumentException(
          "bank of %d vectors of length %d, %d floats to classify, k=%d, temperature=%s: expected 1 or more vectors, whole ones to classify, k of 1 or more, a temperature above 0"
              .formatted(bank.count(), bank.dim(), queries.length, k, temperature));
    }
    int n = queries.length / bank.dim();
    int wanted = Math.min(k, bank.count());
    Tensor held = kernels.allocate(bank.count(), bank.dim());
    held.write(bank.values());
    Tensor block = kernels.allocate(BLOCK, bank.dim());
    double[] scores = new double[classes];
    int[] found = new int[n];
    for (int first = 0; first < n; first += BLOCK) {
      int count = Math.min(BLOCK, n - first);
      int[] rows = new int[count * wanted];
      float[] cosines = new float[count * wanted];
      block.write(0, queries, first * bank.dim(), count * bank.dim());
      kernels.topK(block.view(0, count, bank.dim()), held, bank.count(), wanted, rows, cosines);
      for (int q = 0; q < count; q++) {
        found[first + q] =
            vote(rows, cosines, q * wanted, wanted, bank.labels(), temperature, scores);
      }
    }
    return found;
  }

  private static int vote(
      int[] rows,
      float[] cosines,
      int at,
      int wanted,
      int[] labels,
      double temperature,
      double[] scores) {
    Arrays.fill(scores, 0);
    for (int i = at; i < at + wanted; i++) {
      // From the nearest cosine, so that no temperature makes the exponent overflow.
      scores[labels[rows[i]]] += Math.exp((cosines[i] - cosines[at]) / temperature);
    }
    int best = 0;
    for (int c = 1; c < scores.length; c++) {
      best = scores[c] > scores[best] ? c : best;
    }
    return best;
  }
}
