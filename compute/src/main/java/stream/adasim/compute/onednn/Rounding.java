package stream.adasim.compute.onednn;

import stream.adasim.compute.onednn.Primitive.Argument;

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
    long to = context.halves(operand, count);
    toBfloat16(context, from, to, count);
    return to;
  }

  /** Rounds from one place to another. */
  static void toBfloat16(Context context, long from, long to, long count) {
    int size = Math.toIntExact(count);
    Signature signature = context.signature().add(SIGNATURE).add(size);
    Primitive primitive = (Primitive) context.find(signature);
    if (primitive == null) {
      primitive = context.keep(signature, () -> build(size));
    }
    primitive.at(FROM, from).at(TO, to).run(context);
  }

  private static Primitive build(int count) {
    String what = "rounding of " + count + " floats to bfloat16";
    long[] extents = {count};
    long[] strides = {1};
    long floats = Dnnl.description(extents, strides);
    long halves = Dnnl.description(extents, strides, Dnnl.BFLOAT16);
    long attributes = Dnnl.attributes(Dnnl.postOps());
    Primitive primitive =
        new Primitive(
            what,
            Dnnl.reorder(what, floats, halves, attributes),
            new Argument(Dnnl.ARG_SOURCE, floats),
            new Argument(Dnnl.ARG_DESTINATION, halves));
    Dnnl.destroyAttributes(attributes);
    Dnnl.destroyDescription(floats);
    Dnnl.destroyDescription(halves);
    return primitive;
  }
}
