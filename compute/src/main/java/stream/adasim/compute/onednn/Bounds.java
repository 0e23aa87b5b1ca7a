package stream.adasim.compute.onednn;

/**
 * Numbers that say which products with all queries may exceed a threshold, and never leave one out
 * that does. A block's are computed at once and looked through by row.
 */
interface Bounds {

  /**
   * Multiplies some rows of the bank with all queries.
   *
   * @param thresholds (width)
   * @param bars (width): receives what {@link #next} goes by
   * @param scores (rows, width): receives what this makes of rows and queries
   */
  void multiply(Context context, int first, int rows, long thresholds, long bars, long scores);

  /**
   * The first row of the block from {@code row} on that may have a product above its threshold, or
   * {@code rows}. Thresholds may be higher than they were when the block was multiplied.
   */
  int next(int first, int row, int rows, long thresholds, long bars, long scores);

  /** A bit for each query from a column on, as many as a vector has lanes, that may exceed it. */
  long above(int first, int row, int column, long thresholds, long scores);
}
