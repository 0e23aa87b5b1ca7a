package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;
import stream.adasim.compute.onednn.HeldWeights.Packed;

/** Linear layers and the GELU between them. */
final class Products implements AutoCloseable {
  private final Threads threads;
  private final boolean bfloat16;
  private final HeldWeights held;

  /**
   * @param bfloat16 whether operands are rounded to it
   */
  Products(Threads threads, boolean bfloat16) {
    this.threads = threads;
    this.bfloat16 = bfloat16;
    this.held = new HeldWeights(threads);
  }

  @Override
  public void close() {
    held.close();
  }

  void hold(Tensor weights, boolean changed) {
    if (bfloat16) {
      held.hold(SHAPES.own("hold", "weights", weights), changed);
    }
  }

  void release(Tensor weights) {
    if (bfloat16) {
      held.release(SHAPES.own("release", "weights", weights));
    }
  }

  void linear(Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y) {
    String kernel = "linear";
    int n = x.rows();
    int in = x.columns();
    int out = w.rows();
    NativeTensor xs = SHAPES.any(kernel, "x", x);
    long ws = SHAPES.matrix(kernel, "w", w, out, in).address();
    NativeTensor ys = SHAPES.anyMatrix(kernel, "y", y, n, out);
    long b = bias == null ? 0 : SHAPES.vector(kernel, "bias", bias, out).address();
    long r = residual == null ? 0 : SHAPES.matrix(kernel, "residual", residual, n, out).address();
    multiply(xs, ws, true, ys, n, in, out, b, r);
  }

  /**
   * {@code y = x b + bias + residual}, b of (k, n) being the weights at w, or their transpose; 0
   * stands for none.
   */
  private void multiply(
      NativeTensor x,
      long w,
      boolean transposed,
      NativeTensor y,
      int m,
      int k,
      int n,
      long bias,
      long residual) {
    if (k == 1 && !x.halves() && !y.halves()) {
      outer(x.address(), w, y.address(), m, n, bias, residual);
      return;
    }
    Context context = threads.context();
    Packed packed = bfloat16 && k > 1 ? held.find(context, w, m, k, n, transposed) : null;
    Matmul matmul =
        context
            .matmul()
            .of(m, n, k)
            .bfloat16(bfloat16)
            .halves(x.halves(), false, y.halves())
            .a(0, 0, k, 1)
            .b(0, 0, transposed ? 1 : n, transposed ? k : 1)
            .out(0, 0, n)
            .bias(bias != 0)
            .accumulate(residual == y.address())
            .residual(residual != 0 && residual != y.address());
    long weights = packed == null ? w : matmul.packed(packed.layout(), packed.address());
    matmul.run(context, x.address(), weights, y.address(), bias, residual);
  }

  void linearGelu(Tensor x, Tensor w, Tensor bias, @Nullable Tensor slope, Tensor y) {
    String kernel = "linearGelu";
    int n = x.rows();
    int in = x.columns();
    int out = w.rows();
    NativeTensor xs = SHAPES.any(kernel, "x", x);
    long ws = SHAPES.matrix(kernel, "w", w, out, in).address();
    long b = SHAPES.vector(kernel, "bias", bias, out).address();
    NativeTensor ys = SHAPES.anyMatrix(kernel, "y", y, n, out);
    // Not oneDNN's own GELU, which takes longer than the pass that it saves.
    NativeTensor pre = slope == null ? ys : SHAPES.anyMatrix(kernel, "slope", slope, n, out);
    Shapes.alike(kernel, "slope", pre, "y", ys);
    multiply(xs, ws, true, pre, n, in, out, b, 0);
    threads.split(
        n,
        out,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long first = (long) row * out;
            gelu(pre, ys, first, out);
          }
        });
  }

  private static void gelu(NativeTensor pre, NativeTensor y, long first, int n) {
    if (y.halves() && pre == y) {
      HalfGeluRows.row(y.at(first), n);
    } else if (y.halves()) {
      HalfGeluRows.row(pre.at(first), y.at(first), n);
    } else if (pre == y) {
      GeluRows.row(y.at(first), n);
    } else {
      GeluRows.row(pre.at(first), y.at(first), n);
    }
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
    NativeTensor slopes = SHAPES.any(kernel, "slope", slope);
    NativeTensor dys = SHAPES.anyMatrix(kernel, "dy", dy, n, d);
    NativeTensor dpres = SHAPES.anyMatrix(kernel, "dpre", dpre, n, d);
    Shapes.alike(kernel, "dy", dys, "slope", slopes);
    Shapes.alike(kernel, "dpre", dpres, "slope", slopes);
    threads.split(
        n,
        d,
        (from, to) -> {
          long first = (long) from * d;
          int count = (to - from) * d;
          if (slopes.halves()) {
            HalfRows.multiply(slopes.at(first), dys.at(first), dpres.at(first), count);
          } else {
            Rows.multiply(slopes.at(first), dys.at(first), dpres.at(first), count);
          }
        });
  }

  void linearBackwardInput(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
    String kernel = "linearBackwardInput";
    int n = dy.rows();
    int out = w.rows();
    int in = w.columns();
    NativeTensor dys = SHAPES.anyMatrix(kernel, "dy", dy, n, out);
    long ws = SHAPES.own(kernel, "w", w).address();
    NativeTensor dxs =
        accumulate
            ? SHAPES.matrix(kernel, "dx", dx, n, in)
            : SHAPES.anyMatrix(kernel, "dx", dx, n, in);
    multiply(dys, ws, false, dxs, n, out, in, 0, accumulate ? dxs.address() : 0);
  }

  void linearBackwardWeight(Tensor x, Tensor dy, Tensor dw, @Nullable Tensor dbias) {
    String kernel = "linearBackwardWeight";
    int n = x.rows();
    int in = x.columns();
    int out = dy.columns();
    NativeTensor xs = SHAPES.any(kernel, "x", x);
    NativeTensor dys = SHAPES.anyMatrix(kernel, "dy", dy, n, out);
    long dws = SHAPES.matrix(kernel, "dw", dw, out, in).address();
    long db = dbias == null ? 0 : SHAPES.vector(kernel, "dbias", dbias, out).address();
    Context context = threads.context();
    if (n == 1 && !xs.halves() && !dys.halves()) {
      outer(dys.address(), xs.address(), dws, out, in, 0, dws);
    } else {
      context
          .matmul()
          .of(out, in, n)
          .bfloat16(bfloat16)
          .halves(dys.halves(), xs.halves(), false)
          .a(0, 0, 1, out)
          .b(0, 0, in, 1)
          .out(0, 0, in)
          .accumulate(true)
          .run(context, dys.address(), xs.address(), dws, 0, 0);
    }
    if (dbias != null) {
      for (int row = 0; row < n; row++) {
        if (dys.halves()) {
          HalfRows.add(dys.at((long) row * out), db, out);
        } else {
          Rows.add(dys.at((long) row * out), db, out);
        }
      }
    }
  }
}
