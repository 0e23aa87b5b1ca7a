package stream.adasim.compute.onednn;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.SearchWork;

/**
 * One thread's part of a search: a range of the bank's rows, block by block, against all queries.
 *
 * <p>Where products have bounds that cost less, from outlines or quantized vectors, those of a
 * block are computed first, and only the rows whose bound exceeds the k-th largest product so far
 * have theirs computed; the first block is multiplied whole unless every query begins with as many.
 * Where too many do, the blocks that follow are multiplied whole, twice as many each time before
 * bounds are tried again.
 */
final class SearchPart {
  /** Rows of a block: its scores fit into a core's first cache at 64 queries. */
  static final int ROWS = 128;

  /** One in so many products of a block may follow its bound before that stops to pay. */
  private static final int WORTHWHILE = 24;

  /** Products that are computed at once: more, and thresholds would rise too late. */
  private static final int AT_ONCE = 32;

  private final Context context;
  private final Side whole;
  private final @Nullable Bounds bounds;
  private final float slack;
  private final int bankRows;
  private final TopK best;
  private final int width;
  private final long thresholds; // (width)
  private final long bars; // (width)
  private final long products; // (ROWS, width)
  private final int[] followedQueries = new int[AT_ONCE];
  private final int[] followedRows = new int[AT_ONCE];
  private final float[] followedProducts = new float[AT_ONCE];
  private int followed;
  private long inBlocks;
  private long singly;
  private int wholeBlocks;
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
    this.thresholds = context.workspace((long) (ROWS + 2) * width);
    this.bars = Memory.at(thresholds, width);
    this.products = Memory.at(bars, width);
  }

  /** Searches a range of rows, from a block's begin. */
  SearchWork search(int from, int to) {
    for (int query = 0; query < width; query++) {
      Memory.set(thresholds, query, Float.POSITIVE_INFINITY);
    }
    for (int query = 0; query < whole.count(); query++) {
      bar(query);
      if (best.threshold(query) == Float.NEGATIVE_INFINITY) {
        wholeBlocks = 1;
      }
    }
    for (int first = from; first < to; first += ROWS) {
      // The last block takes rows beyond the last where the bank has them, so that a growing
      // memory meets the same few shapes; their products are not looked at.
      int inBlock = Math.min(ROWS, bankRows - first);
      int wanted = Math.min(ROWS, to - first);
      if (bounds == null || wholeBlocks > 0) {
        wholeBlocks--;
        whole.multiply(context, first, inBlock, products);
        collect(whole, true, first, wanted);
        inBlocks += (long) wanted * whole.count();
      } else {
        bounds.multiply(context, first, inBlock, thresholds, bars, products);
        long before = singly;
        collect(bounds, false, first, wanted);
        if ((singly - before) * WORTHWHILE > (long) wanted * whole.count()) {
          wholeBlocks = patience;
          patience *= 2;
        }
      }
    }
    return new SearchWork(inBlocks, singly);
  }

  /** Looks through a block's products, or through bounds of them and computes those that count. */
  private void collect(Bounds by, boolean exact, int first, int rows) {
    int row = by.next(first, 0, rows, thresholds, bars, products);
    while (row < rows) {
      for (int column = 0; column < width; column += Memory.LANES) {
        long above = by.above(first, row, column, thresholds, products);
        while (above != 0) {
          int query = column + Long.numberOfTrailingZeros(above);
          above &= above - 1;
          if (best.seeded(query, first + row)) {
            continue;
          }
          if (exact) {
            offer(query, Memory.get(products, row * width + query), first + row);
          } else {
            follow(query, first + row);
          }
        }
      }
      row = by.next(first, row + 1, rows, thresholds, bars, products);
    }
    computeFollowed();
  }

  private void follow(int query, int row) {
    followedQueries[followed] = query;
    followedRows[followed++] = row;
    if (followed == AT_ONCE) {
      computeFollowed();
    }
  }

  private void computeFollowed() {
    whole.products(followedQueries, followedRows, followed, followedProducts);
    for (int i = 0; i < followed; i++) {
      offer(followedQueries[i], followedProducts[i], followedRows[i]);
    }
    singly += followed;
    followed = 0;
  }

  private void offer(int query, float score, int row) {
    if (score > best.threshold(query)) {
      best.insert(query, score, row);
      bar(query);
    }
  }

  private void bar(int query) {
    float threshold = best.threshold(query);
    // Where there is slack, rounding must not make it less.
    Memory.set(thresholds, query, slack > 0 ? Math.nextDown(threshold - slack) : threshold);
  }
}
