package stream.adasim.compute.onednn;

import org.jspecify.annotations.Nullable;

/**
 * One thread's part of a search: a range of the bank's rows, block by block, against all queries.
 *
 * <p>Where products have bounds that cost less, from outlines or quantized vectors, those of a
 * block are computed first, and only the rows whose bound exceeds the k-th largest product so far
 * have theirs computed. Where too many do, the blocks that follow are multiplied whole, twice as
 * many each time before bounds are tried again.
 */
final class SearchPart {
  /** Rows of a block: its scores fill an eighth of a core's cache at 64 queries. */
  static final int ROWS = 256;

  /** One in so many products of a block may follow its bound before that stops to pay. */
  private static final int WORTHWHILE = 24;

  private final Context context;
  private final Side whole;
  private final @Nullable Bounds bounds;
  private final float slack;
  private final int bankRows;
  private final TopK best;
  private final int width;
  private final long thresholds; // (width)
  private final long products; // (ROWS, width)
  private long computed;
  private int wholeBlocks = 1; // the first has no thresholds to go by
  private int patience = 1;

  /**
   * @param slack what the bounds may be below the products
   */
  SearchPart(
      Context context, Side whole, @Nullable Bounds bounds, float slack, int bankRows, TopK best) {
    this.context = context;
    this.whole = whole;
    this.bounds = bounds;
    this.slack = slack;
    this.bankRows = bankRows;
    this.best = best;
    this.width = whole.width();
    this.thresholds = context.workspace((long) (ROWS + 1) * width);
    this.products = Memory.at(thresholds, width);
  }

  /** Searches a range of rows, from a block's begin; says how many products were computed. */
  long search(int from, int to) {
    for (int query = 0; query < width; query++) {
      Memory.set(thresholds, query, Float.POSITIVE_INFINITY);
    }
    for (int query = 0; query < whole.count(); query++) {
      Memory.set(thresholds, query, Float.NEGATIVE_INFINITY);
    }
    for (int first = from; first < to; first += ROWS) {
      // The last block takes rows beyond the last where the bank has them, so that a growing
      // memory meets the same few shapes; their products are not looked at.
      int inBlock = Math.min(ROWS, bankRows - first);
      int wanted = Math.min(ROWS, to - first);
      if (bounds == null || wholeBlocks > 0) {
        wholeBlocks--;
        whole.multiply(context, first, inBlock, products);
        collect(first, wanted, null);
        computed += (long) wanted * whole.count();
      } else {
        bounds.multiply(context, first, inBlock, products);
        long before = computed;
        collect(first, wanted, whole);
        if ((computed - before) * WORTHWHILE > (long) wanted * whole.count()) {
          wholeBlocks = patience;
          patience *= 2;
        }
      }
    }
    return computed;
  }

  /** Looks through a block's products, or bounds of them where there is a side to compute them. */
  private void collect(int first, int rows, @Nullable Side exact) {
    int row = SearchRows.next(products, thresholds, 0, rows, width);
    while (row < rows) {
      long scores = Memory.at(products, (long) row * width);
      for (int column = 0; column < width; column += Memory.LANES) {
        long above = SearchRows.above(scores, thresholds, column);
        while (above != 0) {
          int query = column + Long.numberOfTrailingZeros(above);
          above &= above - 1;
          if (exact == null) {
            offer(query, Memory.get(scores, query), first + row);
          } else {
            computed++;
            offer(query, exact.product(first + row, query), first + row);
          }
        }
      }
      row = SearchRows.next(products, thresholds, row + 1, rows, width);
    }
  }

  private void offer(int query, float score, int row) {
    if (score > best.threshold(query)) {
      best.insert(query, score, row);
      float threshold = best.threshold(query);
      // Where there is slack, rounding must not make it less.
      Memory.set(thresholds, query, slack > 0 ? Math.nextDown(threshold - slack) : threshold);
    }
  }
}
