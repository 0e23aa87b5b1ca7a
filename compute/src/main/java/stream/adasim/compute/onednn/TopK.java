package stream.adasim.compute.onednn;

import java.util.Arrays;

/**
 * The k largest products of each of some queries so far, from rows that come in ascending order.
 */
final class TopK {
  final int k;
  final int[] rows; // (Q, k)
  final float[] scores; // (Q, k)

  TopK(int queries, int k) {
    this.k = k;
    this.rows = new int[queries * k];
    this.scores = new float[queries * k];
    Arrays.fill(rows, -1);
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
  }

  /** What a product must exceed: an equal one never displaces one of a lower row. */
  float threshold(int query) {
    return scores[query * k + k - 1];
  }

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

  /** Adds what was found among rows that all lie behind this one's. */
  void merge(TopK behind) {
    for (int i = 0; i < rows.length; i++) {
      int query = i / k;
      if (behind.scores[i] > threshold(query)) {
        insert(query, behind.scores[i], behind.rows[i]);
      }
    }
  }
}
