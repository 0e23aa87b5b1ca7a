package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.Tensor;

/** Normalisation of rows. */
final class Norms {
  private final Threads threads;

  Norms(Threads threads) {
    this.threads = threads;
  }

  void layerNorm(
      Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
    String kernel = "layerNorm";
    int n = x.rows();
    int d = x.columns();
    long xs = SHAPES.own(kernel, "x", x).address();
    long g = SHAPES.vector(kernel, "gamma", gamma, d).address();
    long b = SHAPES.vector(kernel, "beta", beta, d).address();
    NativeTensor ys = SHAPES.anyMatrix(kernel, "y", y, n, d);
    long means = SHAPES.vector(kernel, "mean", mean, n).address();
    long rstds = SHAPES.vector(kernel, "rstd", rstd, n).address();
    threads.split(
        n,
        d,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long first = (long) row * d;
            long at = Memory.at(xs, first);
            float centre = Rows.sum(at, d) / d;
            float variance = Rows.squares(at, d, centre) / d;
            float scale = (float) (1 / Math.sqrt(variance + epsilon));
            Memory.set(means, row, centre);
            Memory.set(rstds, row, scale);
            if (ys.halves()) {
              NormRows.normaliseToHalves(at, g, b, ys.at(first), d, centre, scale);
            } else {
              NormRows.normalise(at, g, b, ys.at(first), d, centre, scale);
            }
          }
        });
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
    long xs = SHAPES.own(kernel, "x", x).address();
    long g = SHAPES.vector(kernel, "gamma", gamma, d).address();
    long means = SHAPES.vector(kernel, "mean", mean, n).address();
    long rstds = SHAPES.vector(kernel, "rstd", rstd, n).address();
    long dys = SHAPES.matrix(kernel, "dy", dy, n, d).address();
    long dxs = SHAPES.matrix(kernel, "dx", dx, n, d).address();
    long dg = SHAPES.vector(kernel, "dgamma", dgamma, d).address();
    long db = SHAPES.vector(kernel, "dbeta", dbeta, d).address();
    // Not split: all rows add to dgamma and dbeta.
    for (int row = 0; row < n; row++) {
      long at = Memory.at(xs, (long) row * d);
      long dyAt = Memory.at(dys, (long) row * d);
      float centre = Memory.get(means, row);
      float scale = Memory.get(rstds, row);
      float gradientMean = Rows.dot(dyAt, g, d) / d;
      float slopeMean = NormRows.reduce(at, g, dyAt, dg, db, d, centre, scale) / d;
      long to = Memory.at(dxs, (long) row * d);
      NormRows.backward(at, g, dyAt, to, d, centre, scale, gradientMean, slopeMean, accumulate);
    }
  }

  void normalizeRows(Tensor x, float epsilon, Tensor y, Tensor norms) {
    String kernel = "normalizeRows";
    int n = x.rows();
    int d = x.columns();
    long xs = SHAPES.own(kernel, "x", x).address();
    long ys = SHAPES.matrix(kernel, "y", y, n, d).address();
    long lengths = SHAPES.vector(kernel, "norms", norms, n).address();
    threads.split(
        n,
        d,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long at = Memory.at(xs, (long) row * d);
            float length = Math.max((float) Math.sqrt(Rows.squares(at, d, 0)), epsilon);
            Memory.set(lengths, row, length);
            Rows.scale(at, Memory.at(ys, (long) row * d), d, 1 / length);
          }
        });
  }

  void normalizeRowsBackward(Tensor y, Tensor norms, Tensor dy, Tensor dx, boolean accumulate) {
    String kernel = "normalizeRowsBackward";
    int n = y.rows();
    int d = y.columns();
    long ys = SHAPES.own(kernel, "y", y).address();
    long lengths = SHAPES.vector(kernel, "norms", norms, n).address();
    long dys = SHAPES.matrix(kernel, "dy", dy, n, d).address();
    long dxs = SHAPES.matrix(kernel, "dx", dx, n, d).address();
    threads.split(
        n,
        d,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long first = (long) row * d;
            long yAt = Memory.at(ys, first);
            long dyAt = Memory.at(dys, first);
            long dxAt = Memory.at(dxs, first);
            float factor = 1 / Memory.get(lengths, row);
            float along = Rows.dot(yAt, dyAt, d);
            if (accumulate) {
              Rows.axpy(factor, dyAt, dxAt, d);
            } else {
              Rows.scale(dyAt, dxAt, d, factor);
            }
            Rows.axpy(-along * factor, yAt, dxAt, d);
          }
        });
  }
}
