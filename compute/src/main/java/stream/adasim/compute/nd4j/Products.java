package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

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
    INDArray xs = SHAPES.own("linear", "x", x).matrix();
    INDArray ws = SHAPES.matrix("linear", "w", w, out, in).matrix();
    INDArray ys = SHAPES.matrix("linear", "y", y, n, out).matrix();
    if (residual != null && !residual.equals(y)) {
      Nd4jTensor kept = SHAPES.matrix("linear", "residual", residual, n, out);
      ys.assign(kept.matrix());
    }
    Ops.product(xs, false, ws, true, 1, residual == null ? 0 : 1, ys); // (N, O)
    if (bias != null) {
      Ops.addRow(ys, SHAPES.vector("linear", "bias", bias, out).flat(), ys);
    }
  }

  void linearGelu(Tensor x, Tensor w, Tensor bias, @Nullable Tensor slope, Tensor y) {
    int n = x.rows();
    int out = w.rows();
    INDArray xs = SHAPES.own("linearGelu", "x", x).matrix();
    INDArray ws = SHAPES.matrix("linearGelu", "w", w, out, x.columns()).matrix();
    INDArray b = SHAPES.vector("linearGelu", "bias", bias, out).flat();
    Nd4jTensor ys = SHAPES.matrix("linearGelu", "y", y, n, out);
    Ops.product(xs, false, ws, true, 1, 0, ys.matrix()); // (N, O)
    Ops.addRow(ys.matrix(), b, ys.matrix());
    Nd4jTensor slopes = slope == null ? null : SHAPES.matrix("linearGelu", "slope", slope, n, out);
    try (Scratch.Lease halves = scratch.borrow(BLOCK);
        Scratch.Lease quotients = scratch.borrow(BLOCK)) {
      for (long start = 0; start < y.size(); start += BLOCK) {
        long length = Math.min(BLOCK, y.size() - start);
        INDArray distribution = halves.array(length);
        INDArray pre = ys.arrayAt(start, length);
        distribution(pre, distribution);
        if (slopes != null) {
          INDArray s = slopes.arrayAt(start, length);
          slope(pre, distribution, s, quotients.array(length));
        }
        Ops.multiply(pre, distribution, pre);
      }
    }
  }

  /** {@code p = Phi(x) = (1 + erf(x / sqrt 2)) / 2}. */
  private static void distribution(INDArray x, INDArray p) {
    Ops.multiply(x, Math.sqrt(0.5), p);
    Nd4j.exec(new Erf(p, p));
    Ops.add(p, 1, p);
    Ops.scale(0.5, p);
  }

  /** {@code s = Phi(x) + x phi(x)}; where exp overflows, the quotient is the 0 it should be. */
  private static void slope(INDArray x, INDArray p, INDArray s, INDArray t) {
    Ops.multiply(x, Math.sqrt(0.5), s);
    Ops.multiply(s, s, t);
    Nd4j.exec(new Exp(t, t));
    Ops.divide(x, t, s);
    Ops.scale(1 / Math.sqrt(2 * Math.PI), s);
    Ops.axpy(1, p, s);
  }

  void geluBackward(Tensor slope, Tensor dy, Tensor dpre) {
    Nd4jTensor slopes = SHAPES.own("geluBackward", "slope", slope);
    Nd4jTensor dys = SHAPES.matrix("geluBackward", "dy", dy, slope.rows(), slope.columns());
    Nd4jTensor dpres = SHAPES.matrix("geluBackward", "dpre", dpre, slope.rows(), slope.columns());
    Ops.multiply(dys.flat(), slopes.flat(), dpres.flat());
  }

  void linearBackwardInput(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
    String kernel = "linearBackwardInput";
    INDArray dys = SHAPES.matrix(kernel, "dy", dy, dy.rows(), w.rows()).matrix();
    INDArray ws = SHAPES.own(kernel, "w", w).matrix();
    INDArray dxs = SHAPES.matrix(kernel, "dx", dx, dy.rows(), w.columns()).matrix();
    Ops.product(dys, false, ws, false, 1, accumulate ? 1 : 0, dxs); // (N, I)
  }

  void linearBackwardWeight(Tensor x, Tensor dy, Tensor dw, @Nullable Tensor dbias) {
    String kernel = "linearBackwardWeight";
    int n = x.rows();
    int out = dy.columns();
    INDArray xs = SHAPES.own(kernel, "x", x).matrix();
    INDArray dys = SHAPES.matrix(kernel, "dy", dy, n, out).matrix();
    INDArray dws = SHAPES.matrix(kernel, "dw", dw, out, x.columns()).matrix();
    Ops.product(dys, true, xs, false, 1, 1, dws); // (O, I)
    if (dbias != null) {
      INDArray db = SHAPES.vector(kernel, "dbias", dbias, out).array(1, out);
      Ops.product(scratch.onesRow(n), false, dys, false, 1, 1, db); // (1, O)
    }
  }
}
