package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import java.util.Arrays;
import stream.adasim.compute.SearchShapes;
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
    SearchShapes.topK(queries, bank, count, k, rows, scores);
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

  void exactProducts(Tensor queries, Tensor bank, int perQuery, int[] rows, float[] products) {
    SearchShapes.exactProducts(queries, bank, perQuery, rows, products);
    int d = queries.columns();
    Nd4jTensor qs = SHAPES.own("exactProducts", "queries", queries);
    Nd4jTensor bs = SHAPES.own("exactProducts", "bank", bank);
    float[] query = new float[d];
    float[] row = new float[d];
    double[] sums = new double[8];
    for (int i = 0; i < rows.length; i++) {
      if (i % perQuery == 0) {
        qs.read((long) (i / perQuery) * d, query, 0, d);
      }
      if (rows[i] < 0) {
        products[i] = Float.NEGATIVE_INFINITY;
        continue;
      }
      bs.read((long) rows[i] * d, row, 0, d);
      Arrays.fill(sums, 0);
      for (int c = 0; c < d; c++) {
        sums[c & 7] += (double) query[c] * row[c];
      }
      double even = (sums[0] + sums[4]) + (sums[2] + sums[6]);
      products[i] = (float) (even + ((sums[1] + sums[5]) + (sums[3] + sums[7])));
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
