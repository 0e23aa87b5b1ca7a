package stream.adasim.compute.onednn;

import stream.adasim.compute.Tensor;

/**
 * Some queries and a bank, both quantized, and the upper bounds of their products.
 *
 * <p>With copies q' and b' of a query and a row, {@code q b = q' b' + (q - q') b + q' (b - b')}, so
 * that by Cauchy and Schwarz {@code q b <= q' b' + |q - q'| |b| + |q'| |b - b'|}. The product of
 * copies is one of whole numbers. What rounding may do, to the bound and to the float32 product
 * that it is compared with, is at most {@code (2 D + 32) 2^-24 |q| |b|} and part of it.
 *
 * @param queries (width, stride)
 * @param factors (width): what the numbers of a query are multiples of
 * @param perError (width): |q'|
 * @param perLength (width): |q - q'| and rounding
 */
record QuantizedSide(
    QuantizedBank queries,
    QuantizedBank bank,
    NativeTensor factors,
    NativeTensor perError,
    NativeTensor perLength)
    implements Bounds {

  static QuantizedSide of(Tensor queries, int first, int count, QuantizedBank bank) {
    int width = (count + Memory.LANES - 1) / Memory.LANES * Memory.LANES;
    NativeTensor from = NativeTensor.SHAPES.own("topK", "queries", queries);
    var side =
        new QuantizedSide(
            new QuantizedBank(width, bank.dimension()),
            bank,
            NativeTensor.zeros(width),
            NativeTensor.zeros(width),
            NativeTensor.zeros(width));
    for (int query = 0; query < count; query++) {
      side.take(from, first + query, query);
    }
    return side;
  }

  private void take(NativeTensor from, int row, int query) {
    queries.update(from.memory(), row, query);
    float error = queries.error(query);
    double length = queries.length(query);
    double rounding = (2.0 * bank.dimension() + 32) * 0x1p-24;
    Memory.set(factors.address(), query, queries.scale(query));
    Memory.set(perError.address(), query, Math.nextUp((float) (length + error)));
    Memory.set(perLength.address(), query, Math.nextUp((float) (error + rounding * length)));
  }

  @Override
  public void multiply(Context context, int first, int rows, long products) {
    int stride = bank.stride();
    int width = queries.rows();
    context
        .matmul()
        .of(rows, width, stride)
        .int8()
        .a(0, 0, stride, 1)
        .b(0, 0, 1, stride)
        .out(0, 0, width)
        .run(context, bank.codes(first), queries.codes(0), products, 0, 0);
    for (int i = 0; i < rows; i++) {
      int row = first + i;
      SearchRows.bounds(
          Memory.at(products, (long) i * width),
          factors.address(),
          perError.address(),
          perLength.address(),
          width,
          bank.scale(row),
          bank.error(row),
          bank.length(row));
    }
  }
}
