package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import java.util.Arrays;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * Exact search as products of all queries with blocks of bank rows whose scores stay in the cache,
 * and a running top k per query: few products pass the smallest kept one.
 */
final class Search {
  private static final int BLOCK_ROWS = 1024;

  private final Threads threads;

  Search(Threads threads) {
    this.threads = threads;
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
    long qs = SHAPES.own("topK", "queries", queries).address();
    long bs = SHAPES.matrix("topK", "bank", bank, bank.rows(), d).address();
    Arrays.fill(rows, -1);
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    threads.split(
        q,
        (long) count * d,
        (from, to) -> {
          Context context = threads.context();
          long part = Memory.at(qs, (long) from * d);
          for (int first = 0; first < count; first += BLOCK_ROWS) {
            // The last block takes rows beyond count where the bank has them, so that a growing
            // count meets the same few shapes; their products are not looked at.
            int inBlock = Math.min(BLOCK_ROWS, bank.rows() - first);
            long products = context.workspace((long) (to - from) * inBlock);
            multiply(
                context, part, to - from, Memory.at(bs, (long) first * d), inBlock, d, products);
            int wanted = Math.min(inBlock, count - first);
            for (int query = from; query < to; query++) {
              long row = Memory.at(products, (long) (query - from) * inBlock);
              collect(row, first, wanted, query * k, k, rows, scores);
            }
          }
        });
  }

  private static void multiply(
      Context context, long queries, int q, long bank, int inBlock, int d, long products) {
    if (d == 1) {
      Memory.fill(products, (long) q * inBlock, 0);
      for (int query = 0; query < q; query++) {
        long to = Memory.at(products, (long) query * inBlock);
        Rows.axpy(Memory.get(queries, query), bank, to, inBlock);
      }
      return;
    }
    context
        .matmul()
        .of(q, inBlock, d)
        .a(0, 0, d, 1)
        .b(0, 0, 1, d)
        .out(0, 0, inBlock)
        .run(context, queries, bank, products, 0, 0);
  }

  /** Puts a block's products, of rows in ascending order, into one query's list. */
  private static void collect(
      long products, int first, int wanted, int base, int k, int[] rows, float[] scores) {
    int last = base + k - 1;
    for (int row = 0; row < wanted; row++) {
      float score = Memory.get(products, row);
      // An equal product never displaces one that is kept, except an empty place.
      if (score > scores[last] || (rows[last] < 0 && score == Float.NEGATIVE_INFINITY)) {
        insert(score, first + row, base, last, rows, scores);
      }
    }
  }

  private static void insert(float score, int row, int base, int last, int[] rows, float[] scores) {
    int slot = last;
    while (slot > base && (rows[slot - 1] < 0 || scores[slot - 1] < score)) {
      scores[slot] = scores[slot - 1];
      rows[slot] = rows[slot - 1];
      slot--;
    }
    scores[slot] = score;
    rows[slot] = row;
  }
}
