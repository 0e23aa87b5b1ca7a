package stream.adasim.compute.onednn;

import java.util.Arrays;

/**
 * The k largest products of each of some queries so far, from rows that come in ascending order. It
 * may begin with the products of some rows that are known to be large; these are not counted again
 * when they come.
 */
final class TopK {
  private final int queries;
  final int k;
  final int[] rows; // (Q, k)
  final float[] scores; // (Q, k)
  private int[] seeds = {}; // (Q, k), -1 for none; or empty

  TopK(int queries, int k) {
    this.queries = queries;
    this.k = k;
    this.rows = new int[queries * k];
    this.scores = new float[queries * k];
    Arrays.fill(rows, -1);
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
  }

  /**
   * Begins with some rows.
   *
   * @param known (Q, k), of a query different ones, -1 for none; kept, not copied
   * @return how many products were computed
   */
  int seed(Side side, int[] known) {
    int[] of = new int[known.length];
    int[] seeded = new int[known.length];
    int count = 0;
    for (int i = 0; i < known.length; i++) {
      if (known[i] >= 0) {
        of[count] = i / k;
        seeded[count++] = known[i];
      }
    }
    if (count > 0) {
      float[] products = new float[count];
      side.products(of, seeded, count, products);
      for (int i = 0; i < count; i++) {
        insert(of[i], products[i], seeded[i]);
      }
      seeds = known;
    }
    return count;
  }

  /** Another that begins with what this one has. */
  TopK copy() {
    TopK copy = new TopK(queries, k);
    System.arraycopy(rows, 0, copy.rows, 0, rows.length);
    System.arraycopy(scores, 0, copy.scores, 0, scores.length);
    copy.seeds = seeds;
    return copy;
  }

  /** Whether it began with a row. */
  boolean seeded(int query, int row) {
    if (seeds.length > 0) {
      for (int i = query * k; i < (query + 1) * k; i++) {
        if (seeds[i] == row) {
          return true;
        }
      }
    }
    return false;
  }

  /** What a product must exceed: an equal one never displaces one that came before. */
  float threshold(int query) {
    return scores[query * k + k - 1];
  }

  /** Adds a product that exceeds the threshold. */
  void insert(int query, float score, int row) {
    int base = query * k;
    int slot = base + k - 1;
    while (slot > base && scores[slot - 1] < score) {
      scores[slot] = scores[slot - 1];
      rows[slot] = rows[slot - 1];
      slot--;
    }
    scores[slot] = score;
    rows[slot] = row;
  }

  /** Adds what was found among rows that all lie behind this one's, begun with the same ones. */
  void merge(TopK behind) {
    for (int i = 0; i < rows.length; i++) {
      int query = i / k;
      if (behind.scores[i] > threshold(query) && !seeded(query, behind.rows[i])) {
        insert(query, behind.scores[i], behind.rows[i]);
      }
    }
  }
}
