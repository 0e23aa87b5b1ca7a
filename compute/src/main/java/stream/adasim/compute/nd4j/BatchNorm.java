package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.factory.Nd4j;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * Batch norm of images (B, C, H, W), which are read as rows (B C, H W). Sums over a channel are
 * products with ones, over the pixels and then over the images; what holds for a channel is
 * repeated for each image, because columns are what ND4J broadcasts fast.
 */
final class BatchNorm {
  private final Scratch scratch;

  BatchNorm(Scratch scratch) {
    this.scratch = scratch;
  }

  /** Extents: images, channels, pixels. */
  private record Extents(int b, int c, int p) {
    static Extents of(String kernel, Tensor x) {
      SHAPES.images(kernel, "x", x);
      return new Extents(x.extent(0), x.extent(1), Math.multiplyExact(x.extent(2), x.extent(3)));
    }

    /** Images times channels. */
    long rows() {
      return (long) b * c;
    }

    /** Values in a channel. */
    long n() {
      return (long) b * p;
    }

    INDArray planes(Nd4jTensor x) {
      return x.array(rows(), p);
    }
  }

  void batchNorm(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      float momentum,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    String kernel = "batchNorm";
    Extents e = Extents.of(kernel, x);
    Shapes.require(momentum >= 0 && momentum <= 1, kernel, "momentum=" + momentum, "0..1");
    if (e.n() < 2) {
      throw Shapes.wrong(kernel, "x", x, "2 or more values per channel");
    }
    INDArray xs = e.planes(SHAPES.own(kernel, "x", x));
    INDArray g = SHAPES.vector(kernel, "gamma", gamma, e.c()).array(1, e.c());
    INDArray b = SHAPES.vector(kernel, "beta", beta, e.c()).array(1, e.c());
    INDArray kept = SHAPES.vector(kernel, "runningMean", runningMean, e.c()).array(1, e.c());
    INDArray spread =
        SHAPES.vector(kernel, "runningVariance", runningVariance, e.c()).array(1, e.c());
    INDArray ys = e.planes(SHAPES.exact(kernel, "y", y, x.shape()));
    INDArray means = SHAPES.vector(kernel, "mean", mean, e.c()).array(1, e.c());
    INDArray rstds = SHAPES.vector(kernel, "rstd", rstd, e.c()).array(1, e.c());
    try (Scratch.Lease lease = scratch.borrow(x.size());
        Scratch.Lease columns = scratch.borrow(e.rows());
        Scratch.Lease factors = scratch.borrow(e.c())) {
      INDArray t = e.planes(lease.tensor());
      INDArray slope = factors.array(1, e.c());
      channelSums(xs, e, 1.0 / e.n(), means);
      Ops.subtractColumn(xs, repeated(means, e, columns), ys);
      Ops.multiply(ys, ys, t);
      channelSums(t, e, 1.0 / e.n(), rstds); // the variance, for now
      average(kept, means, momentum, 1);
      average(spread, rstds, momentum, e.n() / (e.n() - 1.0));
      reciprocalRoot(rstds, epsilon, rstds);
      Ops.multiply(rstds, g, slope);
      Ops.multiplyColumn(ys, repeated(slope, e, columns), t);
      Ops.addColumn(t, repeated(b, e, columns), ys);
    }
  }

  /** {@code running = (1 - momentum) * running + momentum * factor * now}. */
  private static void average(INDArray running, INDArray now, double momentum, double factor) {
    Ops.scale(1 - momentum, running);
    Ops.axpy(momentum * factor, now, running);
  }

  void inference(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      float epsilon,
      Tensor y) {
    String kernel = "batchNormInference";
    Extents e = Extents.of(kernel, x);
    INDArray xs = e.planes(SHAPES.own(kernel, "x", x));
    INDArray g = SHAPES.vector(kernel, "gamma", gamma, e.c()).array(1, e.c());
    INDArray b = SHAPES.vector(kernel, "beta", beta, e.c()).array(1, e.c());
    INDArray means = SHAPES.vector(kernel, "runningMean", runningMean, e.c()).array(1, e.c());
    INDArray spread =
        SHAPES.vector(kernel, "runningVariance", runningVariance, e.c()).array(1, e.c());
    INDArray ys = e.planes(SHAPES.exact(kernel, "y", y, x.shape()));
    try (Scratch.Lease lease = scratch.borrow(x.size());
        Scratch.Lease columns = scratch.borrow(e.rows());
        Scratch.Lease factors = scratch.borrow(e.c())) {
      INDArray t = e.planes(lease.tensor());
      INDArray slope = factors.array(1, e.c());
      reciprocalRoot(spread, epsilon, slope);
      Ops.multiply(slope, g, slope);
      Ops.subtractColumn(xs, repeated(means, e, columns), ys);
      Ops.multiplyColumn(ys, repeated(slope, e, columns), t);
      Ops.addColumn(t, repeated(b, e, columns), ys);
    }
  }

  void backward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    String kernel = "batchNormBackward";
    Extents e = Extents.of(kernel, x);
    int c = e.c();
    INDArray xs = e.planes(SHAPES.own(kernel, "x", x));
    INDArray g = SHAPES.vector(kernel, "gamma", gamma, c).array(1, c);
    INDArray means = SHAPES.vector(kernel, "mean", mean, c).array(1, c);
    INDArray rstds = SHAPES.vector(kernel, "rstd", rstd, c).array(1, c);
    INDArray dys = e.planes(SHAPES.exact(kernel, "dy", dy, x.shape()));
    INDArray dxs = e.planes(SHAPES.exact(kernel, "dx", dx, x.shape()));
    INDArray dg = SHAPES.vector(kernel, "dgamma", dgamma, c).array(1, c);
    INDArray db = SHAPES.vector(kernel, "dbeta", dbeta, c).array(1, c);
    // dx = slope dy - slope rstd mean(dy xhat) (x - mean) - slope mean(dy), slope = gamma rstd
    try (Scratch.Lease first = scratch.borrow(x.size());
        Scratch.Lease second = scratch.borrow(x.size());
        Scratch.Lease columns = scratch.borrow(e.rows());
        Scratch.Lease factors = scratch.borrow(3L * c)) {
      INDArray s = e.planes(first.tensor());
      INDArray t = e.planes(second.tensor());
      INDArray slope = factors.tensor().arrayAt(0, 1, c);
      INDArray tilt = factors.tensor().arrayAt(c, 1, c);
      INDArray shift = factors.tensor().arrayAt(2L * c, 1, c);
      Ops.subtractColumn(xs, repeated(means, e, columns), s); // x - mean
      Ops.multiply(dys, s, t);
      channelSums(t, e, 1, tilt);
      Ops.multiply(tilt, rstds, tilt); // sum of dy xhat
      channelSums(dys, e, 1, shift); // sum of dy
      Ops.axpy(1, tilt, dg);
      Ops.axpy(1, shift, db);
      Ops.multiply(g, rstds, slope);
      Ops.multiply(tilt, rstds, tilt);
      Ops.multiply(tilt, slope, tilt);
      Ops.scale(-1.0 / e.n(), tilt);
      Ops.multiply(shift, slope, shift);
      Ops.scale(-1.0 / e.n(), shift);
      Ops.multiplyColumn(s, repeated(tilt, e, columns), t);
      Ops.multiplyColumn(dys, repeated(slope, e, columns), s);
      Ops.axpy(1, first.array(x.size()), second.array(x.size()));
      Ops.addColumn(t, repeated(shift, e, columns), dxs);
    }
  }

  /** {@code sums[c] = factor * sum over images and pixels}; planes (B C, H W), sums (1, C). */
  private void channelSums(INDArray planes, Extents e, double factor, INDArray sums) {
    try (Scratch.Lease lease = scratch.borrow(e.rows())) {
      INDArray ones = scratch.onesColumn(e.p());
      Ops.product(planes, false, ones, false, 1, 0, lease.array(e.rows(), 1)); // (B C, 1)
      INDArray byImage = lease.array(e.b(), e.c());
      Ops.product(scratch.onesRow(e.b()), false, byImage, false, factor, 0, sums); // (1, C)
    }
  }

  /** What holds for channels (1, C), as a column for planes (B C, 1). */
  private INDArray repeated(INDArray channels, Extents e, Scratch.Lease columns) {
    INDArray byImage = columns.array(e.b(), e.c());
    Ops.product(scratch.onesColumn(e.b()), false, channels, false, 1, 0, byImage);
    return columns.array(e.rows(), 1);
  }

  /** {@code y = 1 / sqrt(variance + epsilon)}. */
  private static void reciprocalRoot(INDArray variance, double epsilon, INDArray y) {
    Ops.add(variance, epsilon, y);
    Nd4j.exec(new RSqrt(y, y));
  }
}
