package stream.adasim.compute.nd4j;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.factory.Nd4j;
import stream.adasim.compute.Tensor;

/** Linear layers and the GELU between them. */
final class Products {
  // Elements per pass of the GELU: a block and its temporary stay in the cache between operations.
  private static final int BLOCK = 1 << 17;

  private final Scratch scratch;

  Products(Scratch scratch) {
    this.scratch = scratch;
  }

  void linear(Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y) {
    int n = x.rows();
    int in = x.columns();
    int out = w.rows();
    INDArray xs = Shapes.own("linear", "x", x).matrix();
    INDArray ws = Shapes.matrix("linear", "w", w, out, in).matrix();
    INDArray ys = Shapes.matrix("linear", "y", y, n, out).matrix();
    if (residual != null && !residual.equals(y)) {
      Nd4jTensor kept = Shapes.matrix("linear", "residual", residual, n, out);
      ys.assign(kept.matrix());
    }
    Ops.product(xs, false, ws, true, 1, residual == null ? 0 : 1, ys); // (N, O)
    if (bias != null) {
      Ops.addRow(ys, Shapes.vector("linear", "bias", bias, out).flat(), ys);
    }
  }

  void linearGelu(Tensor x, Tensor w, Tensor bias, Tensor pre, Tensor y) {
    int n = x.rows();
    int out = w.rows();
    INDArray xs = Shapes.own("linearGelu", "x", x).matrix();
    INDArray ws = Shapes.matrix("linearGelu", "w", w, out, x.columns()).matrix();
    INDArray b = Shapes.vector("linearGelu", "bias", bias, out).flat();
    Nd4jTensor pres = Shapes.matrix("linearGelu", "pre", pre, n, out);
    Nd4jTensor ys = Shapes.matrix("linearGelu", "y", y, n, out);
    Ops.product(xs, false, ws, true, 1, 0, pres.matrix()); // (N, O)
    Ops.addRow(pres.matrix(), b, pres.matrix());
    for (long start = 0; start < pre.size(); start += BLOCK) {
      long length = Math.min(BLOCK, pre.size() - start);
      gelu(pres.arrayAt(start, length), ys.arrayAt(start, length));
    }
  }

  /** {@code y = x Phi(x)}, Phi(x) = (1 + erf(x / sqrt 2)) / 2. */
  private static void gelu(INDArray x, INDArray y) {
    Ops.multiply(x, Math.sqrt(0.5), y);
    Nd4j.exec(new Erf(y, y));
    Ops.add(y, 1, y);
    Ops.multiply(y, x, y);
    Ops.scale(0.5, y);
  }

  void geluBackward(Tensor pre, Tensor dy, Tensor dpre) {
    Nd4jTensor pres = Shapes.own("geluBackward", "pre", pre);
    Nd4jTensor dys = Shapes.matrix("geluBackward", "dy", dy, pre.rows(), pre.columns());
    Nd4jTensor dpres = Shapes.matrix("geluBackward", "dpre", dpre, pre.rows(), pre.columns());
    try (Scratch.Lease slope = scratch.borrow(BLOCK);
        Scratch.Lease quotient = scratch.borrow(BLOCK)) {
      for (long start = 0; start < pre.size(); start += BLOCK) {
        long length = Math.min(BLOCK, pre.size() - start);
        INDArray s = slope.array(length);
        INDArray d = dpres.arrayAt(start, length);
        twiceGeluSlope(pres.arrayAt(start, length), s, quotient.array(length));
        Ops.multiply(dys.arrayAt(start, length), s, d);
        Ops.scale(0.5, d);
      }
    }
  }

  /**
   * {@code s = 2 (Phi(x) + x phi(x)) = 1 + erf(u) + sqrt(2 / pi) x / exp(u^2)}, u = x / sqrt 2;
   * where exp overflows, the quotient is the 0 that it should be.
   */
  private static void twiceGeluSlope(INDArray x, INDArray s, INDArray t) {
    Ops.multiply(x, Math.sqrt(0.5), s);
    Ops.multiply(s, s, t);
    Nd4j.exec(new Exp(t, t));
    Ops.divide(x, t, t);
    Nd4j.exec(new Erf(s, s));
    Ops.axpy(Math.sqrt(2 / Math.PI), t, s);
    Ops.add(s, 1, s);
  }

  void linearBackwardInput(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
    String kernel = "linearBackwardInput";
    INDArray dys = Shapes.matrix(kernel, "dy", dy, dy.rows(), w.rows()).matrix();
    INDArray ws = Shapes.own(kernel, "w", w).matrix();
    INDArray dxs = Shapes.matrix(kernel, "dx", dx, dy.rows(), w.columns()).matrix();
    Ops.product(dys, false, ws, false, 1, accumulate ? 1 : 0, dxs); // (N, I)
  }

  void linearBackwardWeight(Tensor x, Tensor dy, Tensor dw, @Nullable Tensor dbias) {
    String kernel = "linearBackwardWeight";
    int n = x.rows();
    int out = dy.columns();
    INDArray xs = Shapes.own(kernel, "x", x).matrix();
    INDArray dys = Shapes.matrix(kernel, "dy", dy, n, out).matrix();
    INDArray dws = Shapes.matrix(kernel, "dw", dw, out, x.columns()).matrix();
    Ops.product(dys, true, xs, false, 1, 1, dws); // (O, I)
    if (dbias != null) {
      INDArray db = Shapes.vector(kernel, "dbias", dbias, out).array(1, out);
      Ops.product(scratch.onesRow(n), false, dys, false, 1, 1, db); // (1, O)
    }
  }
}
