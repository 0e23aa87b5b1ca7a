package stream.adasim.compute.onednn;

/** Rounds floats to bfloat16, to the nearest and half-way ones to even. */
final class Rounding {
  private static final int SIGNATURE = 40;
  private static final int FROM = 0;
  private static final int TO = 1;

  private Rounding() {}

  /**
   * Rounds into memory of the context.
   *
   * @param operand which of a product's matrices it is: each has memory of its own
   * @return where the rounded ones lie, until the operand is rounded again
   */
  static long toBfloat16(Context context, int operand, long from, long count) {
    int size = Math.toIntExact(count);
    long to = context.halves(operand, count);
    Signature signature = context.signature().add(SIGNATURE).add(size);
    Primitive primitive = (Primitive) context.find(signature);
    if (primitive == null) {
      primitive = context.keep(signature, () -> build(size));
    }
    primitive.at(FROM, from).at(TO, to).run(context);
    return to;
  }

  private static Primitive build(int count) {
    String what = "rounding of " + count + " floats to bfloat16";
    long[] extents = {count};
    long[] strides = {1};
    long floats = Dnnl.description(extents, strides);
    long halves = Dnnl.description(extents, strides, Dnnl.BFLOAT16);
    Primitive primitive = Primitive.reorder(what, floats, halves);
    Dnnl.destroyDescription(floats);
    Dnnl.destroyDescription(halves);
    return primitive;
  }
}
