package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.factory.Nd4j;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * Batch norm of images (B, H, W, C), which are read as rows of channels. Sums over a channel are
 * products with ones, over the images and then over the pixels.
 */
final class BatchNorm {
  private final Scratch scratch;

  BatchNorm(Scratch scratch) {
    this.scratch = scratch;
  }

  /** Extents: images, pixels, channels. */
  private record Extents(int b, int p, int c) {
    static Extents of(String kernel, Tensor x) {
      SHAPES.images(kernel, "x", x);
      return new Extents(x.extent(0), Math.multiplyExact(x.extent(1), x.extent(2)), x.extent(3));
    }

    /** Values in a channel. */
    long n() {
      return (long) b * p;
    }

    INDArray rows(Nd4jTensor x) {
      return x.array(n(), c);
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
      @Nullable Tensor residual,
      boolean relu,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    String kernel = "batchNorm";
    Extents e = Extents.of(kernel, x);
    Shapes.require(momentum >= 0 && momentum <= 1, kernel, "momentum=" + momentum, "0..1");
    if (e.n() < 2) {
      throw Shapes.wrong(kernel, "x", x, "2 or more values per channel");
    }
    Nd4jTensor xs = SHAPES.own(kernel, "x", x);
    INDArray g = channels(kernel, "gamma", gamma, e);
    INDArray b = channels(kernel, "beta", beta, e);
    INDArray kept = channels(kernel, "runningMean", runningMean, e);
    INDArray spread = channels(kernel, "runningVariance", runningVariance, e);
    Nd4jTensor beside = optional(kernel, "residual", residual, x);
    INDArray ys = e.rows(SHAPES.exact(kernel, "y", y, x.shape()));
    INDArray means = channels(kernel, "mean", mean, e);
    INDArray rstds = channels(kernel, "rstd", rstd, e);
    try (Scratch.Lease apart = scratch.borrow(x.size());
        Scratch.Lease lease = scratch.borrow(x.size());
        Scratch.Lease factors = scratch.borrow(e.c())) {
      INDArray centred = e.rows(apart.tensor());
      INDArray t = e.rows(lease.tensor());
      INDArray slope = factors.array(1, e.c());
      channelSums(xs, e, 1.0 / e.n(), means);
      Ops.subtractRow(e.rows(xs), means, centred);
      Ops.multiply(centred, centred, t);
      channelSums(lease.tensor(), e, 1.0 / e.n(), rstds); // the variance, for now
      average(kept, means, momentum, 1);
      average(spread, rstds, momentum, e.n() / (e.n() - 1.0));
      reciprocalRoot(rstds, epsilon, rstds);
      Ops.multiply(rstds, g, slope);
      finish(e, apart.tensor(), slope, b, beside, relu, ys);
    }
  }

  /** {@code running = (1 - momentum) * running + momentum * factor * now}. */
  private static void average(INDArray running, INDArray now, double momentum, double factor) {
    Ops.scale(1 - momentum, running);
    Ops.axpy(momentum * factor, now, running);
  }

  /** {@code y = act(centred * slope + shift + residual)}; centred is overwritten. */
  private static void finish(
      Extents e,
      Nd4jTensor centred,
      INDArray slope,
      INDArray shift,
      @Nullable Nd4jTensor residual,
      boolean relu,
      INDArray y) {
    INDArray rows = e.rows(centred);
    Ops.multiplyRow(rows, slope, rows);
    Ops.addRow(rows, shift, rows);
    if (residual != null) {
      long size = e.n() * e.c();
      Ops.axpy(1, residual.array(size), centred.array(size));
    }
    if (relu) {
      Ops.relu(rows, y);
    } else {
      y.assign(rows);
    }
  }

  void inference(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      float epsilon,
      @Nullable Tensor residual,
      boolean relu,
      Tensor y) {
    String kernel = "batchNormInference";
    Extents e = Extents.of(kernel, x);
    INDArray xs = e.rows(SHAPES.own(kernel, "x", x));
    INDArray g = channels(kernel, "gamma", gamma, e);
    INDArray b = channels(kernel, "beta", beta, e);
    INDArray means = channels(kernel, "runningMean", runningMean, e);
    INDArray spread = channels(kernel, "runningVariance", runningVariance, e);
    Nd4jTensor beside = optional(kernel, "residual", residual, x);
    INDArray ys = e.rows(SHAPES.exact(kernel, "y", y, x.shape()));
    try (Scratch.Lease apart = scratch.borrow(x.size());
        Scratch.Lease factors = scratch.borrow(e.c())) {
      INDArray slope = factors.array(1, e.c());
      reciprocalRoot(spread, epsilon, slope);
      Ops.multiply(slope, g, slope);
      Ops.subtractRow(xs, means, e.rows(apart.tensor()));
      finish(e, apart.tensor(), slope, b, beside, relu, ys);
    }
  }

  void backward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      @Nullable Tensor y,
      Tensor dy,
      @Nullable Tensor beside,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    String kernel = "batchNormBackward";
    Extents e = Extents.of(kernel, x);
    int c = e.c();
    INDArray xs = e.rows(SHAPES.own(kernel, "x", x));
    INDArray g = channels(kernel, "gamma", gamma, e);
    INDArray means = channels(kernel, "mean", mean, e);
    INDArray rstds = channels(kernel, "rstd", rstd, e);
    Nd4jTensor ys = optional(kernel, "y", y, x);
    Nd4jTensor dys = SHAPES.exact(kernel, "dy", dy, x.shape());
    Nd4jTensor besides = optional(kernel, "beside", beside, x);
    INDArray dxs = e.rows(SHAPES.exact(kernel, "dx", dx, x.shape()));
    INDArray dg = channels(kernel, "dgamma", dgamma, e);
    INDArray db = channels(kernel, "dbeta", dbeta, e);
    // dx = slope dy - slope rstd mean(dy xhat) (x - mean) - slope mean(dy), slope = gamma rstd
    try (Scratch.Lease first = scratch.borrow(x.size());
        Scratch.Lease second = scratch.borrow(x.size());
        Scratch.Lease factors = scratch.borrow(3L * c)) {
      INDArray s = e.rows(first.tensor());
      INDArray t = e.rows(second.tensor());
      gather(ys, besides, dys, first.tensor());
      INDArray slope = factors.tensor().arrayAt(0, 1, c);
      INDArray tilt = factors.tensor().arrayAt(c, 1, c);
      INDArray shift = factors.tensor().arrayAt(2L * c, 1, c);
      Ops.subtractRow(xs, means, s); // x - mean
      Ops.multiply(e.rows(dys), s, t);
      channelSums(second.tensor(), e, 1, tilt);
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
      Ops.multiplyRow(s, tilt, t);
      Ops.multiplyRow(e.rows(dys), slope, s);
      Ops.axpy(1, first.array(x.size()), second.array(x.size()));
      Ops.addRow(t, shift, dxs);
    }
  }

  /** Puts together in dy what comes back, in front of a ReLU where there was one. */
  private static void gather(
      @Nullable Nd4jTensor y, @Nullable Nd4jTensor beside, Nd4jTensor dy, Nd4jTensor spare) {
    INDArray back = dy.flat();
    if (beside != null) {
      Ops.axpy(1, beside.flat(), back);
    }
    if (y != null) {
      INDArray open = spare.array(dy.size());
      Ops.step(y.flat(), open); // ND4J's own gradient takes three times as long
      Ops.multiply(back, open, back);
    }
  }

  private static INDArray channels(String kernel, String name, Tensor tensor, Extents e) {
    return SHAPES.vector(kernel, name, tensor, e.c()).array(1, e.c());
  }

  private static @Nullable Nd4jTensor optional(
      String kernel, String name, @Nullable Tensor tensor, Tensor x) {
    return tensor == null ? null : SHAPES.exact(kernel, name, tensor, x.shape());
  }

  /** {@code sums[c] = factor * sum over images and pixels}; x (B, H W, C), sums (1, C). */
  private void channelSums(Nd4jTensor x, Extents e, double factor, INDArray sums) {
    long image = (long) e.p() * e.c();
    try (Scratch.Lease lease = scratch.borrow(image)) {
      INDArray ones = scratch.onesRow(e.b());
      Ops.product(ones, false, x.array(e.b(), image), false, 1, 0, lease.array(1, image));
      INDArray byPixel = lease.array(e.p(), e.c());
      Ops.product(scratch.onesRow(e.p()), false, byPixel, false, factor, 0, sums);
    }
  }

  /** {@code y = 1 / sqrt(variance + epsilon)}. */
  private static void reciprocalRoot(INDArray variance, double epsilon, INDArray y) {
    Ops.add(variance, epsilon, y);
    Nd4j.exec(new RSqrt(y, y));
  }
}
