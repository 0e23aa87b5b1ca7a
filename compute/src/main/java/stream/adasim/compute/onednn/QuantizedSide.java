package stream.adasim.compute.onednn;

import stream.adasim.compute.Tensor;

/**
 * Some queries and a bank, both quantized, and the upper bounds of their products.
 *
 * <p>With copies q' and b' of a query and a row, {@code q b = q' b' + (q - q') b + q' (b - b')}, so
 * that by Cauchy and Schwarz {@code q b <= q' b' + |q - q'| |b| + |q'| |b - b'|}. The product of
 * copies is one of whole numbers, the bank's raised by {@link QuantizedBank#RAISED}, which is taken
 * off again as so many times the sum of the query's. What rounding may do, to the bound and to the
 * float32 product that it is compared with, is at most {@code (2 D + 32) 2^-24 |q| |b|} and part of
 * it: D for that product, 1 + 2 sqrt(D) for what was raised, a few for the bound.
 *
 * <p>A block's rows are first compared with one bar per query, which takes the largest errors and
 * lengths of the block's rows for each of theirs; those that exceed it, with their own bound.
 *
 * @param queries (width, stride)
 * @param factors (width): what the numbers of a query are multiples of
 * @param raised (width): what raising the bank's numbers adds to a product
 * @param perError (width): |q'|
 * @param perLength (width): |q - q'| and rounding
 */
record QuantizedSide(
    QuantizedBank queries,
    QuantizedBank bank,
    NativeTensor factors,
    NativeTensor raised,
    NativeTensor perError,
    NativeTensor perLength)
    implements Bounds {

  static QuantizedSide of(Tensor queries, int first, int count, QuantizedBank bank) {
    int width = (count + Memory.LANES - 1) / Memory.LANES * Memory.LANES;
    NativeTensor from = NativeTensor.SHAPES.own("topK", "queries", queries);
    var side =
        new QuantizedSide(
            QuantizedBank.signed(width, bank.dimension()),
            bank,
            NativeTensor.zeros(width),
            NativeTensor.zeros(width),
            NativeTensor.zeros(width),
            NativeTensor.zeros(width));
    for (int query = 0; query < count; query++) {
      side.take(from, first + query, query);
    }
    return side;
  }

  private void take(NativeTensor from, int row, int query) {
    queries.update(Memory.at(from.address(), (long) row * bank.dimension()), query);
    float error = queries.error(query);
    double length = queries.length(query);
    double rounding = (2.0 * bank.dimension() + 32) * 0x1p-24;
    Memory.set(factors.address(), query, queries.scale(query));
    Memory.set(
        raised.address(),
        query,
        QuantizedBank.RAISED * QuantizedRows.sum(queries.codes(query), bank.dimension()));
    Memory.set(perError.address(), query, Math.nextUp((float) (length + error)));
    Memory.set(perLength.address(), query, Math.nextUp((float) (error + rounding * length)));
  }

  private int width() {
    return queries.rows();
  }

  @Override
  public void multiply(
      Context context, int first, int rows, long thresholds, long bars, long scores) {
    int stride = bank.stride();
    context
        .matmul()
        .of(rows, width(), stride)
        .int8()
        .a(0, 0, stride, 1)
        .b(0, 0, 1, stride)
        .out(0, 0, width())
        .run(context, bank.codes(first), queries.codes(0), scores, 0, 0);
    float error = 0;
    float length = 0;
    for (int row = first; row < first + rows; row++) {
      error = Math.max(error, bank.error(row));
      length = Math.max(length, bank.length(row));
    }
    BoundRows.bars(
        thresholds,
        factors.address(),
        perError.address(),
        perLength.address(),
        error,
        length,
        bars,
        width());
  }

  @Override
  public int next(int first, int row, int rows, long thresholds, long bars, long scores) {
    int at = row;
    while (at < rows
        && !BoundRows.passes(
            Memory.at(scores, (long) at * width()),
            bars,
            raised.address(),
            1 / bank.scale(first + at),
            width())) {
      at++;
    }
    return at;
  }

  @Override
  public long above(int first, int row, int column, long thresholds, long scores) {
    return BoundRows.above(
        Memory.at(scores, (long) row * width()),
        column,
        thresholds,
        factors.address(),
        raised.address(),
        perError.address(),
        perLength.address(),
        bank.scale(first + row),
        bank.error(first + row),
        bank.length(first + row));
  }
}
