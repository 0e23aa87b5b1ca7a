package stream.adasim.compute.onednn;

import stream.adasim.compute.Tensor;

/**
 * Some queries and the rows that they are multiplied with, all of one length. The queries are a
 * copy, filled up with zeros to whole vectors of scores, so that products have few shapes.
 *
 * @param queries (width, d)
 * @param bank (rows, d)
 * @param count how many of the queries are meant
 */
record Side(NativeTensor queries, NativeTensor bank, int count, int d) implements Bounds {
  static Side of(Tensor queries, int first, int count, NativeTensor bank) {
    int d = queries.columns();
    int width = (count + Memory.LANES - 1) / Memory.LANES * Memory.LANES;
    NativeTensor copy = NativeTensor.zeros(width, d);
    NativeTensor from = NativeTensor.SHAPES.own("topK", "queries", queries);
    Memory.copy(Memory.at(from.address(), (long) first * d), copy.address(), (long) count * d);
    return new Side(copy, bank, count, d);
  }

  int width() {
    return queries.rows();
  }

  @Override
  public void multiply(
      Context context, int first, int rows, long thresholds, long bars, long scores) {
    multiply(context, first, rows, scores);
  }

  @Override
  public int next(int first, int row, int rows, long thresholds, long bars, long scores) {
    return SearchRows.next(scores, thresholds, row, rows, width());
  }

  @Override
  public long above(int first, int row, int column, long thresholds, long scores) {
    return SearchRows.above(Memory.at(scores, (long) row * width()), thresholds, column);
  }

  /** Computes the products of some rows of the bank with all queries, (rows, width). */
  void multiply(Context context, int first, int rows, long products) {
    int n = width();
    long from = Memory.at(bank.address(), (long) first * d);
    if (d == 1) {
      // oneDNN's products of one column are wrong with some strides.
      for (int row = 0; row < rows; row++) {
        for (int query = 0; query < n; query++) {
          float product = Memory.get(from, row) * Memory.get(queries.address(), query);
          Memory.set(products, row * n + query, product);
        }
      }
      return;
    }
    context
        .matmul()
        .of(rows, n, d)
        .a(0, 0, d, 1)
        .b(0, 0, 1, d)
        .out(0, 0, n)
        .run(context, from, queries.address(), products, 0, 0);
  }

  /** Products of some queries each with a row of its own. */
  void products(int[] of, int[] rows, int pairs, float[] products) {
    SearchRows.products(queries.address(), of, bank.address(), rows, d, pairs, products);
  }
}
