package stream.adasim.compute.onednn;

import java.util.ArrayList;
import stream.adasim.compute.onednn.Primitive.Argument;

/**
 * A matrix product {@code out = a b}, or many of them over strided parts of larger arrays. One is
 * filled in for each call and its primitive looked up by all of its numbers.
 */
final class Matmul {
  private static final int SOURCE = 0;
  private static final int WEIGHTS = 1;
  private static final int OUT = 2;
  private static final int FIRST_OPTION = 3;

  private final int[] extents = new int[5]; // outer, inner, m, n, k
  private final int[] aStrides = new int[4]; // outer, inner, row, column
  private final int[] bStrides = new int[4];
  private final int[] outStrides = new int[4];
  private boolean bias;
  private boolean residual;
  private boolean accumulate;
  private boolean bfloat16;
  private boolean aHalves;
  private boolean bHalves;
  private boolean outHalves;
  private long bLayout;
  private boolean int8;

  /** One product of (m, k) and (k, n); the strides follow. */
  Matmul of(int m, int n, int k) {
    return of(1, 1, m, n, k);
  }

  /** outer times inner products. */
  Matmul of(int outer, int inner, int m, int n, int k) {
    extents[0] = outer;
    extents[1] = inner;
    extents[2] = m;
    extents[3] = n;
    extents[4] = k;
    bias = false;
    residual = false;
    accumulate = false;
    bfloat16 = false;
    aHalves = false;
    bHalves = false;
    outHalves = false;
    bLayout = 0;
    int8 = false;
    return this;
  }

  Matmul a(int outer, int inner, int row, int column) {
    return set(aStrides, outer, inner, row, column);
  }

  Matmul b(int outer, int inner, int row, int column) {
    return set(bStrides, outer, inner, row, column);
  }

  Matmul out(int outer, int inner, int row) {
    return set(outStrides, outer, inner, row, 1);
  }

  private Matmul set(int[] strides, int outer, int inner, int row, int column) {
    strides[0] = outer;
    strides[1] = inner;
    strides[2] = row;
    strides[3] = column;
    return this;
  }

  /** A row is added to every row of the result. */
  Matmul bias(boolean given) {
    bias = given;
    return this;
  }

  /** A matrix like the result is added to it. */
  Matmul residual(boolean given) {
    residual = given;
    return this;
  }

  /** What was in the result is added to it. */
  Matmul accumulate(boolean given) {
    accumulate = given;
    return this;
  }

  /**
   * Both matrices are multiplied in bfloat16 with sums in float32. What is not in bfloat16, a
   * single matrix without gaps between rows or columns, is rounded first.
   */
  Matmul bfloat16(boolean wanted) {
    bfloat16 = wanted;
    return this;
  }

  /** Which of the matrices are in bfloat16, and whether the result is to be. */
  Matmul halves(boolean a, boolean b, boolean out) {
    aHalves = a;
    bHalves = b;
    outHalves = out;
    bfloat16 |= a || b;
    return this;
  }

  /**
   * The second matrix, a single one, is in bfloat16 in a layout of the library's, instead of its
   * strides.
   *
   * @param layout from {@link #bestLayout}
   * @param b where it lies
   * @return b
   */
  long packed(long layout, long b) {
    bLayout = layout;
    bHalves = true;
    return b;
  }

  /**
   * The layout in which a matrix in bfloat16 is best multiplied from the left; a description.
   *
   * @param m rows of what it is multiplied with, about
   */
  static long bestLayout(int m, int k, int n) {
    long a = Dnnl.description(new long[] {m, k}, new long[] {k, 1}, Dnnl.BFLOAT16);
    long b = Dnnl.anyLayout(new long[] {k, n}, Dnnl.BFLOAT16);
    long out = Dnnl.description(new long[] {m, n}, new long[] {n, 1});
    long attributes = Dnnl.attributes(Dnnl.postOps());
    String what = "bfloat16 product of (" + m + ", " + k + ") and (" + k + ", " + n + ")";
    long product = Dnnl.matmul(what, a, b, 0, out, attributes);
    long layout = Dnnl.copy(Dnnl.expected(product, Dnnl.QUERY_WEIGHTS));
    Dnnl.destroyPrimitiveDescription(product);
    Dnnl.destroyAttributes(attributes);
    Dnnl.destroyDescription(a);
    Dnnl.destroyDescription(b);
    Dnnl.destroyDescription(out);
    return layout;
  }

  /** Both matrices are of whole numbers of 8 bits, the first's unsigned; the result is float32. */
  Matmul int8() {
    int8 = true;
    return this;
  }

  /** Multiplies; biasAt and residualAt are not looked at unless they were announced. */
  void run(Context context, long a, long b, long out, long biasAt, long residualAt) {
    if (extents[4] == 1) {
      outerProducts(a, b, out, biasAt, residualAt);
      return;
    }
    long source = a;
    long weights = b;
    if (bfloat16 && !aHalves) {
      source = Rounding.toBfloat16(context, SOURCE, a, (long) extents[2] * extents[4]);
    }
    if (bfloat16 && !bHalves) {
      weights = Rounding.toBfloat16(context, WEIGHTS, b, (long) extents[4] * extents[3]);
    }
    Signature signature =
        context.signature().add(1).add(options()).add((int) bLayout).add((int) (bLayout >>> 32));
    for (int extent : extents) {
      signature.add(extent);
    }
    for (int i = 0; i < 4; i++) {
      signature.add(aStrides[i]).add(bStrides[i]).add(outStrides[i]);
    }
    Primitive primitive = (Primitive) context.find(signature);
    if (primitive == null) {
      primitive = context.keep(signature, this::build);
    }
    primitive.at(SOURCE, source).at(WEIGHTS, weights).at(OUT, out);
    int slot = FIRST_OPTION;
    if (bias) {
      primitive.at(slot++, biasAt);
    }
    if (residual) {
      primitive.at(slot, residualAt);
    }
    primitive.run(context);
  }

  /** oneDNN 3.11 reads past such a product's only column where strides differ (AVX-512). */
  private void outerProducts(long a, long b, long out, long biasAt, long residualAt) {
    for (int outer = 0; outer < extents[0]; outer++) {
      for (int inner = 0; inner < extents[1]; inner++) {
        long column =
            Halves.atIn(aHalves, a, (long) outer * aStrides[0] + (long) inner * aStrides[1]);
        long row = Halves.atIn(bHalves, b, (long) outer * bStrides[0] + (long) inner * bStrides[1]);
        long at = (long) outer * outStrides[0] + (long) inner * outStrides[1];
        outerProduct(
            column,
            row,
            Halves.atIn(outHalves, out, at),
            biasAt,
            residual ? Memory.at(residualAt, at) : 0);
      }
    }
  }

  private void outerProduct(long column, long row, long out, long biasAt, long residualAt) {
    for (int i = 0; i < extents[2]; i++) {
      long to = Halves.atIn(outHalves, out, (long) i * outStrides[2]);
      float factor = get(aHalves, Halves.atIn(aHalves, column, (long) i * aStrides[2]));
      for (int j = 0; j < extents[3]; j++) {
        float value = factor * get(bHalves, Halves.atIn(bHalves, row, (long) j * bStrides[3]));
        if (bias) {
          value += Memory.get(biasAt, j);
        }
        if (accumulate) {
          value += Memory.get(to, j);
        }
        if (residual) {
          value += Memory.get(Memory.at(residualAt, (long) i * outStrides[2]), j);
        }
        Halves.setIn(outHalves, to, j, value);
      }
    }
  }

  private static float get(boolean halves, long address) {
    return halves ? Halves.get(address, 0) : Memory.get(address, 0);
  }

  private int options() {
    return (bias ? 1 : 0)
        | (residual ? 2 : 0)
        | (accumulate ? 4 : 0)
        | (bfloat16 ? 8 : 0)
        | (int8 ? 16 : 0)
        | (outHalves ? 32 : 0);
  }

  private Primitive build() {
    int m = extents[2];
    int n = extents[3];
    int k = extents[4];
    boolean many = extents[0] > 1 || extents[1] > 1;
    int type = int8 ? Dnnl.INT8 : bfloat16 ? Dnnl.BFLOAT16 : Dnnl.FLOAT32;
    long aDescription = description(many, aStrides, m, k, int8 ? Dnnl.UINT8 : type);
    long bDescription = bLayout == 0 ? description(many, bStrides, k, n, type) : Dnnl.copy(bLayout);
    long outDescription =
        description(many, outStrides, m, n, outHalves ? Dnnl.BFLOAT16 : Dnnl.FLOAT32);
    long biasDescription = bias ? Dnnl.description(new long[] {1, n}, new long[] {n, 1}) : 0;
    long postOps = Dnnl.postOps();
    if (accumulate) {
      Dnnl.appendSum(postOps);
    }
    if (residual) {
      Dnnl.appendBinary(postOps, Dnnl.BINARY_ADD, outDescription);
    }
    long attributes = Dnnl.attributes(postOps);
    String what = toString();
    long description =
        Dnnl.matmul(what, aDescription, bDescription, biasDescription, outDescription, attributes);
    var arguments = new ArrayList<Argument>();
    arguments.add(new Argument(Dnnl.ARG_SOURCE, aDescription));
    arguments.add(new Argument(Dnnl.ARG_WEIGHTS, bDescription));
    arguments.add(new Argument(Dnnl.ARG_DESTINATION, outDescription));
    if (bias) {
      arguments.add(new Argument(Dnnl.ARG_BIAS, biasDescription));
    }
    if (residual) {
      int position = accumulate ? 1 : 0;
      arguments.add(
          new Argument(Dnnl.ARG_POST_OP * (position + 1) | Dnnl.ARG_SOURCE_1, outDescription));
    }
    Primitive primitive = new Primitive(what, description, arguments.toArray(Argument[]::new));
    Dnnl.destroyAttributes(attributes);
    Dnnl.destroyDescription(aDescription);
    Dnnl.destroyDescription(bDescription);
    Dnnl.destroyDescription(outDescription);
    if (bias) {
      Dnnl.destroyDescription(biasDescription);
    }
    return primitive;
  }

  private long description(boolean many, int[] strides, int rows, int columns, int type) {
    return many
        ? Dnnl.description(
            new long[] {extents[0], extents[1], rows, columns},
            new long[] {strides[0], strides[1], strides[2], strides[3]},
            type)
        : Dnnl.description(new long[] {rows, columns}, new long[] {strides[2], strides[3]}, type);
  }

  @Override
  public String toString() {
    return (int8 ? "int8" : bfloat16 ? "bfloat16" : "float32")
        + " product of "
        + (extents[0] == 1 && extents[1] == 1 ? "" : extents[0] + " x " + extents[1] + " times ")
        + "("
        + extents[2]
        + ", "
        + extents[4]
        + ") and ("
        + extents[4]
        + ", "
        + extents[3]
        + ")"
        + (bias ? " with bias" : "")
        + (residual ? " with residual" : "")
        + (accumulate ? " accumulated" : "");
  }
}
