package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import java.util.Arrays;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * Exact search as products of blocks of bank rows with all queries, and a running top k per query
 * on the host: few products pass the smallest kept one, so the host's part is one comparison each.
 */
final class Search {
  // The same for any number of queries, so that a bank keeps one array per block.
  private static final int BLOCK_ROWS = 1024;

  private final Scratch scratch;

  Search(Scratch scratch) {
    this.scratch = scratch;
  }

  void topK(Tensor queries, Tensor bank, int count, int k, int[] rows, float[] scores) {
    int q = queries.rows();
    int d = queries.columns();
    Shapes.require(k >= 1, "topK", "k=" + k, "1 or more");
    Shapes.require(
        count >= 0 && count <= bank.rows(), "topK", "count=" + count, "0.." + bank.rows());
    Shapes.require(
        rows.length == q * k && scores.length == q * k,
        "topK",
        "rows and scores of " + rows.length + " and " + scores.length,
        "queries times k=" + q * k);
    Nd4jTensor qs = SHAPES.own("topK", "queries", queries);
    Nd4jTensor bs = SHAPES.matrix("topK", "bank", bank, bank.rows(), d);
    Arrays.fill(rows, -1);
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    float[] products = new float[Math.min(BLOCK_ROWS, bank.rows()) * q];
    int[] kept = new int[q];
    try (Scratch.Lease lease = scratch.borrow((long) BLOCK_ROWS * q)) {
      for (int first = 0; first < count; first += BLOCK_ROWS) {
        // The last block takes rows beyond count where the bank has them, so that a growing count
        // meets the same few shapes; their products are not looked at.
        int inBlock = Math.min(BLOCK_ROWS, bank.rows() - first);
        Ops.product(
            bs.arrayAt((long) first * d, inBlock, d),
            false,
            qs.matrix(),
            true,
            1,
            0,
            lease.array(inBlock, q)); // (rows, Q)
        int wanted = Math.min(inBlock, count - first);
        lease.tensor().read(0, products, 0, wanted * q);
        collect(products, first, wanted, q, k, kept, rows, scores);
      }
    }
  }

  private static void collect(
      float[] products,
      int first,
      int wanted,
      int q,
      int k,
      int[] kept,
      int[] rows,
      float[] scores) {
    for (int row = 0; row < wanted; row++) {
      for (int query = 0; query < q; query++) {
        float score = products[row * q + query];
        // Rows come in ascending order: an equal product never displaces one that is kept.
        if (score > scores[query * k + k - 1]
            || (kept[query] < k && score == Float.NEGATIVE_INFINITY)) {
          insert(score, first + row, query * k, k, kept[query], rows, scores);
          kept[query] = Math.min(k, kept[query] + 1);
        }
      }
    }
  }

  private static void insert(
      float score, int row, int base, int k, int kept, int[] rows, float[] scores) {
    int slot = base + Math.min(kept, k - 1);
    while (slot > base && scores[slot - 1] < score) {
      scores[slot] = scores[slot - 1];
      rows[slot] = rows[slot - 1];
      slot--;
    }
    scores[slot] = score;
    rows[slot] = row;
  }
}
