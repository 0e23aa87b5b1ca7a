package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.SearchShapes;
import stream.adasim.compute.Tensor;

/**
 * Exact search as products of blocks of bank rows with all queries. A block's scores stay in the
 * cache, and a few vector instructions per row say that none of them is among the k largest so far.
 */
final class Search {
  /** Queries that are multiplied at once. */
  private static final int BATCH = 64;

  private final Threads threads;

  Search(Threads threads) {
    this.threads = threads;
  }

  void topK(Tensor queries, Tensor bank, int count, int k, int[] rows, float[] scores) {
    SearchShapes.topK(queries, bank, count, k, rows, scores);
    search(queries, bank, null, null, 0, count, k, rows, scores);
  }

  long topK(
      Tensor queries,
      Tensor bank,
      Tensor queryOutlines,
      Tensor outlines,
      float slack,
      int count,
      int k,
      int[] rows,
      float[] scores) {
    SearchShapes.topK(queries, bank, count, k, rows, scores);
    SearchShapes.outlines(queries, bank, queryOutlines, outlines);
    return search(queries, bank, queryOutlines, outlines, slack, count, k, rows, scores);
  }

  private long search(
      Tensor queries,
      Tensor bank,
      @Nullable Tensor queryOutlines,
      @Nullable Tensor outlines,
      float slack,
      int count,
      int k,
      int[] rows,
      float[] scores) {
    int d = queries.columns();
    SHAPES.own("topK", "queries", queries);
    NativeTensor vectors = SHAPES.matrix("topK", "bank", bank, bank.rows(), d);
    AtomicLong computed = new AtomicLong();
    for (int first = 0; first < queries.rows(); first += BATCH) {
      int q = Math.min(BATCH, queries.rows() - first);
      Side whole = Side.of(queries, first, q, vectors);
      Side outline =
          queryOutlines == null || outlines == null
              ? null
              : Side.of(queryOutlines, first, q, SHAPES.own("topK", "outlines", outlines));
      int blocks = (count + SearchPart.ROWS - 1) / SearchPart.ROWS;
      TopK[] found = new TopK[blocks + 1]; // by the block that a part begins with
      threads.split(
          blocks,
          (long) SearchPart.ROWS * d * q,
          (from, to) -> {
            TopK best = new TopK(q, k);
            SearchPart part =
                new SearchPart(threads.context(), whole, outline, slack, bank.rows(), best);
            int end = Math.min(count, to * SearchPart.ROWS);
            computed.addAndGet(part.search(from * SearchPart.ROWS, end));
            found[from] = best;
          });
      TopK all = new TopK(q, k);
      for (TopK each : found) {
        if (each != null) {
          all.merge(each);
        }
      }
      System.arraycopy(all.rows, 0, rows, first * k, q * k);
      System.arraycopy(all.scores, 0, scores, first * k, q * k);
    }
    return computed.get();
  }

  void exactProducts(Tensor queries, Tensor bank, int perQuery, int[] rows, float[] products) {
    SearchShapes.exactProducts(queries, bank, perQuery, rows, products);
    int d = queries.columns();
    long qs = SHAPES.own("exactProducts", "queries", queries).address();
    long bs = SHAPES.own("exactProducts", "bank", bank).address();
    threads.split(
        rows.length,
        d,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            products[i] =
                rows[i] < 0
                    ? Float.NEGATIVE_INFINITY
                    : SearchRows.exactProduct(
                        Memory.at(qs, (long) (i / perQuery) * d),
                        Memory.at(bs, (long) rows[i] * d),
                        d);
          }
        });
  }
}
