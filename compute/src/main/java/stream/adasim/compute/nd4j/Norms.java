package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.factory.Nd4j;
import stream.adasim.compute.Tensor;

/**
 * Normalisation of rows. ND4J's own layer norm has no epsilon and its gradient is slow, so both are
 * written out; sums over rows and columns are products with ones, the fastest reduction it has.
 */
final class Norms {
  private final Scratch scratch;

  Norms(Scratch scratch) {
    this.scratch = scratch;
  }

  void layerNorm(
      Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
    String kernel = "layerNorm";
    int n = x.rows();
    int d = x.columns();
    INDArray xs = SHAPES.own(kernel, "x", x).matrix();
    INDArray g = SHAPES.vector(kernel, "gamma", gamma, d).flat();
    INDArray b = SHAPES.vector(kernel, "beta", beta, d).flat();
    INDArray ys = SHAPES.matrix(kernel, "y", y, n, d).matrix();
    Nd4jTensor means = SHAPES.vector(kernel, "mean", mean, n);
    Nd4jTensor rstds = SHAPES.vector(kernel, "rstd", rstd, n);
    INDArray ones = scratch.onesColumn(d);
    INDArray rstdColumn = rstds.array(n, 1);
    Ops.product(xs, false, ones, false, 1.0 / d, 0, means.array(n, 1)); // (N, 1)
    try (Scratch.Lease lease = scratch.borrow(x.size())) {
      INDArray centred = lease.array(n, d);
      Ops.subtractColumn(xs, means.array(n, 1), centred);
      Ops.multiply(centred, centred, ys);
      Ops.product(ys, false, ones, false, 1.0 / d, 0, rstdColumn); // (N, 1)
      Ops.add(rstds.flat(), epsilon, rstds.flat());
      Nd4j.exec(new RSqrt(rstds.flat(), rstds.flat()));
      Ops.multiplyColumn(centred, rstdColumn, ys);
    }
    Ops.multiplyRow(ys, g, ys);
    Ops.addRow(ys, b, ys);
  }

  void layerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Tensor dy,
      Tensor dx,
      boolean accumulate,
      Tensor dgamma,
      Tensor dbeta) {
    String kernel = "layerNormBackward";
    int n = x.rows();
    int d = x.columns();
    INDArray xs = SHAPES.own(kernel, "x", x).matrix();
    Nd4jTensor g = SHAPES.vector(kernel, "gamma", gamma, d);
    INDArray means = SHAPES.vector(kernel, "mean", mean, n).array(n, 1);
    INDArray rstds = SHAPES.vector(kernel, "rstd", rstd, n).array(n, 1);
    INDArray dys = SHAPES.matrix(kernel, "dy", dy, n, d).matrix();
    Nd4jTensor dxs = SHAPES.matrix(kernel, "dx", dx, n, d);
    INDArray dg = SHAPES.vector(kernel, "dgamma", dgamma, d).array(1, d);
    INDArray db = SHAPES.vector(kernel, "dbeta", dbeta, d).array(1, d);
    // dx = rstd (dy gamma - mean_d(dy gamma) - xhat mean_d(dy gamma xhat))
    try (Scratch.Lease first = scratch.borrow(x.size());
        Scratch.Lease second = scratch.borrow(x.size());
        Scratch.Lease sums = scratch.borrow(2L * n)) {
      INDArray s = first.array(n, d);
      INDArray t = second.array(n, d);
      INDArray gradientMean = sums.array(n, 1);
      INDArray slopeMean = sums.tensor().arrayAt(n, n, 1);
      Ops.subtractColumn(xs, means, t);
      Ops.multiplyColumn(t, rstds, s); // xhat
      Ops.multiply(dys, s, t);
      Ops.product(scratch.onesRow(n), false, t, false, 1, 1, dg); // (1, D)
      Ops.product(scratch.onesRow(n), false, dys, false, 1, 1, db); // (1, D)
      Ops.product(dys, false, g.array(d, 1), false, 1.0 / d, 0, gradientMean); // (N, 1)
      Ops.product(t, false, g.array(d, 1), false, 1.0 / d, 0, slopeMean); // (N, 1)
      Ops.multiplyColumn(s, slopeMean, t);
      Ops.multiplyRow(dys, g.flat(), s);
      Ops.axpy(-1, second.array(x.size()), first.array(x.size()));
      Ops.subtractColumn(s, gradientMean, t);
      if (accumulate) {
        Ops.multiplyColumn(t, rstds, s);
        Ops.axpy(1, first.array(x.size()), dxs.flat());
      } else {
        Ops.multiplyColumn(t, rstds, dxs.matrix());
      }
    }
  }

  void normalizeRows(Tensor x, float epsilon, Tensor y, Tensor norms) {
    String kernel = "normalizeRows";
    int n = x.rows();
    int d = x.columns();
    INDArray xs = SHAPES.own(kernel, "x", x).matrix();
    INDArray ys = SHAPES.matrix(kernel, "y", y, n, d).matrix();
    Nd4jTensor lengths = SHAPES.vector(kernel, "norms", norms, n);
    Ops.multiply(xs, xs, ys);
    Ops.product(ys, false, scratch.onesColumn(d), false, 1, 0, lengths.array(n, 1)); // (N, 1)
    Nd4j.exec(new Sqrt(lengths.flat(), lengths.flat()));
    Ops.max(lengths.flat(), epsilon, lengths.flat());
    Ops.divideColumn(xs, lengths.array(n, 1), ys);
  }

  void normalizeRowsBackward(Tensor y, Tensor norms, Tensor dy, Tensor dx, boolean accumulate) {
    String kernel = "normalizeRowsBackward";
    int n = y.rows();
    int d = y.columns();
    INDArray ys = SHAPES.own(kernel, "y", y).matrix();
    INDArray lengths = SHAPES.vector(kernel, "norms", norms, n).array(n, 1);
    Nd4jTensor dys = SHAPES.matrix(kernel, "dy", dy, n, d);
    Nd4jTensor dxs = SHAPES.matrix(kernel, "dx", dx, n, d);
    try (Scratch.Lease lease = scratch.borrow(y.size());
        Scratch.Lease sums = scratch.borrow(n)) {
      INDArray t = lease.array(n, d);
      Ops.multiply(ys, dys.matrix(), t);
      Ops.product(t, false, scratch.onesColumn(d), false, -1, 0, sums.array(n, 1)); // (N, 1)
      Ops.multiplyColumn(ys, sums.array(n, 1), t);
      Ops.axpy(1, dys.flat(), lease.array(y.size()));
      if (accumulate) {
        Ops.divideColumn(t, lengths, t);
        Ops.axpy(1, lease.array(y.size()), dxs.flat());
      } else {
        Ops.divideColumn(t, lengths, dxs.matrix());
      }
    }
  }
}
