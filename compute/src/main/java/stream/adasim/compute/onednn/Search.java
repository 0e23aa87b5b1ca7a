package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.QuantizedVectors;
import stream.adasim.compute.SearchShapes;
import stream.adasim.compute.SearchWork;
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
    int[] known = new int[queries.rows() * k];
    Arrays.fill(known, -1);
    search(queries, bank, batch -> null, 0, known, count, k, rows, scores);
  }

  SearchWork topK(
      Tensor queries,
      Tensor bank,
      Tensor queryOutlines,
      Tensor outlines,
      float slack,
      int[] known,
      int count,
      int k,
      int[] rows,
      float[] scores) {
    SearchShapes.topK(queries, bank, count, k, rows, scores);
    SearchShapes.outlines(queries, bank, queryOutlines, outlines);
    SearchShapes.known(queries, count, k, known);
    NativeTensor of = SHAPES.own("topK", "outlines", outlines);
    return search(
        queries,
        bank,
        batch -> Side.of(queryOutlines, batch.first, batch.count, of),
        slack,
        known,
        count,
        k,
        rows,
        scores);
  }

  SearchWork topK(
      Tensor queries,
      Tensor bank,
      QuantizedVectors quantized,
      int[] known,
      int count,
      int k,
      int[] rows,
      float[] scores) {
    SearchShapes.topK(queries, bank, count, k, rows, scores);
    SearchShapes.known(queries, count, k, known);
    if (!(quantized instanceof QuantizedBank own)
        || own.rows() < bank.rows()
        || own.dimension() != queries.columns()) {
      throw new IllegalArgumentException(
          "topK: quantized belongs to another backend or bank, expected one of onednn for "
              + bank.rows()
              + " rows of "
              + queries.columns());
    }
    return search(
        queries,
        bank,
        batch -> QuantizedSide.of(queries, batch.first, batch.count, own),
        0,
        known,
        count,
        k,
        rows,
        scores);
  }

  /** Queries that are searched for at once. */
  private record Batch(int first, int count) {}

  /** Where a batch's products have bounds, these. */
  @FunctionalInterface
  private interface BoundsOf {
    @Nullable Bounds batch(Batch batch);
  }

  private SearchWork search(
      Tensor queries,
      Tensor bank,
      BoundsOf boundsOf,
      float slack,
      int[] known,
      int count,
      int k,
      int[] rows,
      float[] scores) {
    int d = queries.columns();
    SHAPES.own("topK", "queries", queries);
    NativeTensor vectors = SHAPES.matrix("topK", "bank", bank, bank.rows(), d);
    LongAdder inBlocks = new LongAdder();
    LongAdder singly = new LongAdder();
    for (int first = 0; first < queries.rows(); first += BATCH) {
      int q = Math.min(BATCH, queries.rows() - first);
      Side whole = Side.of(queries, first, q, vectors);
      Bounds bounds = boundsOf.batch(new Batch(first, q));
      TopK begun = new TopK(q, k);
      int[] knownHere = Arrays.copyOfRange(known, first * k, (first + q) * k);
      singly.add(begun.seed(whole, knownHere));
      int blocks = (count + SearchPart.ROWS - 1) / SearchPart.ROWS;
      TopK[] found = new TopK[blocks + 1]; // by the block that a part begins with
      threads.split(
          blocks,
          (long) SearchPart.ROWS * d * q,
          (from, to) -> {
            TopK best = begun.copy();
            SearchPart part =
                new SearchPart(threads.context(), whole, bounds, slack, bank.rows(), best);
            int end = Math.min(count, to * SearchPart.ROWS);
            SearchWork work = part.search(from * SearchPart.ROWS, end);
            inBlocks.add(work.inBlocks());
            singly.add(work.singly());
            found[from] = best;
          });
      TopK all = begun.copy();
      for (TopK each : found) {
        if (each != null) {
          all.merge(each);
        }
      }
      System.arraycopy(all.rows, 0, rows, first * k, q * k);
      System.arraycopy(all.scores, 0, scores, first * k, q * k);
    }
    return new SearchWork(inBlocks.sum(), singly.sum());
  }

  void exactProducts(Tensor queries, Tensor bank, int perQuery, int[] rows, float[] products) {
    SearchShapes.exactProducts(queries, bank, perQuery, rows, products);
    int d = queries.columns();
    long qs = SHAPES.own("exactProducts", "queries", queries).address();
    long bs = SHAPES.own("exactProducts", "bank", bank).address();
    threads.split(
        queries.rows(),
        (long) perQuery * d,
        (from, to) -> {
          for (int query = from; query < to; query++) {
            SearchRows.exactProducts(
                Memory.at(qs, (long) query * d),
                bs,
                d,
                rows,
                query * perQuery,
                (query + 1) * perQuery,
                products);
          }
        });
  }
}
