package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Tensor;

/** Linear layers and the GELU between them. */
final class Products {
  private final Threads threads;
  private final boolean bfloat16;

  /**
   * @param bfloat16 whether operands are rounded to it
   */
  Products(Threads threads, boolean bfloat16) {
    this.threads = threads;
    this.bfloat16 = bfloat16;
  }

  void linear(Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y) {
    String kernel = "linear";
    int n = x.rows();
    int in = x.columns();
    int out = w.rows();
    long xs = SHAPES.own(kernel, "x", x).address();
    long ws = SHAPES.matrix(kernel, "w", w, out, in).address();
    long ys = SHAPES.matrix(kernel, "y", y, n, out).address();
    long b = bias == null ? 0 : SHAPES.vector(kernel, "bias", bias, out).address();
    long r = residual == null ? 0 : SHAPES.matrix(kernel, "residual", residual, n, out).address();
    multiply(xs, ws, ys, n, in, out, b, r);
  }

  /** {@code y = x w' + bias + residual}, by address; 0 stands for none. */
  private void multiply(long x, long w, long y, int n, int in, int out, long bias, long residual) {
    if (in == 1) {
      outer(x, w, y, n, out, bias, residual);
      return;
    }
    Context context = threads.context();
    context
        .matmul()
        .of(n, out, in)
        .bfloat16(bfloat16)
        .a(0, 0, in, 1)
        .b(0, 0, 1, in)
        .out(0, 0, out)
        .bias(bias != 0)
        .accumulate(residual == y)
        .residual(residual != 0 && residual != y)
        .run(context, x, w, y, bias, residual);
  }

  void linearGelu(Tensor x, Tensor w, Tensor bias, @Nullable Tensor slope, Tensor y) {
    String kernel = "linearGelu";
    int n = x.rows();
    int in = x.columns();
    int out = w.rows();
    long xs = SHAPES.own(kernel, "x", x).address();
    long ws = SHAPES.matrix(kernel, "w", w, out, in).address();
    long b = SHAPES.vector(kernel, "bias", bias, out).address();
    long ys = SHAPES.matrix(kernel, "y", y, n, out).address();
    // Not oneDNN's own GELU, which takes longer than the pass that it saves.
    long pre = slope == null ? ys : SHAPES.matrix(kernel, "slope", slope, n, out).address();
    multiply(xs, ws, pre, n, in, out, b, 0);
    threads.split(
        n,
        out,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long first = (long) row * out;
            if (pre == ys) {
              GeluRows.row(Memory.at(ys, first), out);
            } else {
              GeluRows.row(Memory.at(pre, first), Memory.at(ys, first), out);
            }
          }
        });
  }

  /** Products over a single column, which oneDNN gets wrong with some strides. */
  private static void outer(long x, long w, long y, int n, int out, long bias, long residual) {
    for (int row = 0; row < n; row++) {
      long to = Memory.at(y, (long) row * out);
      if (residual == 0) {
        Memory.fill(to, out, 0);
      } else if (residual != y) {
        Memory.copy(Memory.at(residual, (long) row * out), to, out);
      }
      Rows.axpy(Memory.get(x, row), w, to, out);
      if (bias != 0) {
        Rows.add(bias, to, out);
      }
    }
  }

  void geluBackward(Tensor slope, Tensor dy, Tensor dpre) {
    String kernel = "geluBackward";
    int n = slope.rows();
    int d = slope.columns();
    long slopes = SHAPES.own(kernel, "slope", slope).address();
    long dys = SHAPES.matrix(kernel, "dy", dy, n, d).address();
    long dpres = SHAPES.matrix(kernel, "dpre", dpre, n, d).address();
    threads.split(
        n,
        d,
        (from, to) -> {
          long first = (long) from * d;
          int count = (to - from) * d;
          Rows.multiply(
              Memory.at(slopes, first), Memory.at(dys, first), Memory.at(dpres, first), count);
        });
  }

  void linearBackwardInput(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
    String kernel = "linearBackwardInput";
    int n = dy.rows();
    int out = w.rows();
    int in = w.columns();
    long dys = SHAPES.matrix(kernel, "dy", dy, n, out).address();
    long ws = SHAPES.own(kernel, "w", w).address();
    long dxs = SHAPES.matrix(kernel, "dx", dx, n, in).address();
    Context context = threads.context();
    if (out == 1) {
      outer(dys, ws, dxs, n, in, 0, accumulate ? dxs : 0);
      return;
    }
    context
        .matmul()
        .of(n, in, out)
        .bfloat16(bfloat16)
        .a(0, 0, out, 1)
        .b(0, 0, in, 1)
        .out(0, 0, in)
        .accumulate(accumulate)
        .run(context, dys, ws, dxs, 0, 0);
  }

  void linearBackwardWeight(Tensor x, Tensor dy, Tensor dw, @Nullable Tensor dbias) {
    String kernel = "linearBackwardWeight";
    int n = x.rows();
    int in = x.columns();
    int out = dy.columns();
    long xs = SHAPES.own(kernel, "x", x).address();
    long dys = SHAPES.matrix(kernel, "dy", dy, n, out).address();
    long dws = SHAPES.matrix(kernel, "dw", dw, out, in).address();
    long db = dbias == null ? 0 : SHAPES.vector(kernel, "dbias", dbias, out).address();
    Context context = threads.context();
    if (n == 1) {
      outer(dys, xs, dws, out, in, 0, dws);
    } else {
      context
          .matmul()
          .of(out, in, n)
          .bfloat16(bfloat16)
          .a(0, 0, 1, out)
          .b(0, 0, in, 1)
          .out(0, 0, in)
          .accumulate(true)
          .run(context, dys, xs, dws, 0, 0);
    }
    if (dbias != null) {
      for (int row = 0; row < n; row++) {
        Rows.add(Memory.at(dys, (long) row * out), db, out);
      }
    }
  }
}
