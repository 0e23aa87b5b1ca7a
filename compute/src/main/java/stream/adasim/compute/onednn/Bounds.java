package stream.adasim.compute.onednn;

/** Products with all queries, or numbers that are nowhere below them. */
interface Bounds {

  /** Computes those of some rows of the bank with all queries; products (rows, width). */
  void multiply(Context context, int first, int rows, long products);
}
