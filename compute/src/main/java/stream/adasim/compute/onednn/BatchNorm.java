package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * Batch norm of images (B, C, H, W), channel by channel: a channel is one run of pixels per image.
 */
final class BatchNorm {
  private final Threads threads;

  BatchNorm(Threads threads) {
    this.threads = threads;
  }

  /** Extents: images, channels, pixels. */
  private record Extents(int b, int c, int p) {
    static Extents of(String kernel, Tensor x) {
      SHAPES.images(kernel, "x", x);
      return new Extents(x.extent(0), x.extent(1), Math.multiplyExact(x.extent(2), x.extent(3)));
    }

    /** Where a channel's pixels of an image begin. */
    long at(long images, int image, int channel) {
      return Memory.at(images, ((long) image * c + channel) * p);
    }

    /** Values of a channel. */
    long n() {
      return (long) b * p;
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
    long xs = SHAPES.own(kernel, "x", x).address();
    long g = SHAPES.vector(kernel, "gamma", gamma, e.c).address();
    long b = SHAPES.vector(kernel, "beta", beta, e.c).address();
    long keptMean = SHAPES.vector(kernel, "runningMean", runningMean, e.c).address();
    long keptVariance = SHAPES.vector(kernel, "runningVariance", runningVariance, e.c).address();
    long ys = SHAPES.exact(kernel, "y", y, x.shape()).address();
    long means = SHAPES.vector(kernel, "mean", mean, e.c).address();
    long rstds = SHAPES.vector(kernel, "rstd", rstd, e.c).address();
    threads.split(
        e.c,
        e.n(),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float centre = mean(e, xs, c);
            double variance = variance(e, xs, c, centre);
            float scale = (float) (1 / Math.sqrt(variance + epsilon));
            Memory.set(means, c, centre);
            Memory.set(rstds, c, scale);
            move(keptMean, c, momentum, centre);
            move(keptVariance, c, momentum, (float) (variance * e.n() / (e.n() - 1)));
            normalise(e, xs, ys, c, centre, scale * Memory.get(g, c), Memory.get(b, c));
          }
        });
  }

  private static float mean(Extents e, long x, int channel) {
    double sum = 0;
    for (int image = 0; image < e.b; image++) {
      sum += Rows.sum(e.at(x, image, channel), e.p);
    }
    return (float) (sum / e.n());
  }

  private static double variance(Extents e, long x, int channel, float centre) {
    double sum = 0;
    for (int image = 0; image < e.b; image++) {
      sum += Rows.squares(e.at(x, image, channel), e.p, centre);
    }
    return sum / e.n();
  }

  private static void move(long running, int channel, float momentum, float value) {
    Memory.set(running, channel, (1 - momentum) * Memory.get(running, channel) + momentum * value);
  }

  private static void normalise(
      Extents e, long x, long y, int channel, float centre, float scale, float shift) {
    for (int image = 0; image < e.b; image++) {
      Rows.centred(e.at(x, image, channel), e.at(y, image, channel), e.p, centre, scale, shift);
    }
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
    long xs = SHAPES.own(kernel, "x", x).address();
    long g = SHAPES.vector(kernel, "gamma", gamma, e.c).address();
    long b = SHAPES.vector(kernel, "beta", beta, e.c).address();
    long means = SHAPES.vector(kernel, "runningMean", runningMean, e.c).address();
    long variances = SHAPES.vector(kernel, "runningVariance", runningVariance, e.c).address();
    long ys = SHAPES.exact(kernel, "y", y, x.shape()).address();
    threads.split(
        e.c,
        e.n(),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float scale =
                (float) (Memory.get(g, c) / Math.sqrt(Memory.get(variances, c) + epsilon));
            normalise(e, xs, ys, c, Memory.get(means, c), scale, Memory.get(b, c));
          }
        });
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
    long xs = SHAPES.own(kernel, "x", x).address();
    long g = SHAPES.vector(kernel, "gamma", gamma, e.c).address();
    long means = SHAPES.vector(kernel, "mean", mean, e.c).address();
    long rstds = SHAPES.vector(kernel, "rstd", rstd, e.c).address();
    long dys = SHAPES.exact(kernel, "dy", dy, x.shape()).address();
    long dxs = SHAPES.exact(kernel, "dx", dx, x.shape()).address();
    long dg = SHAPES.vector(kernel, "dgamma", dgamma, e.c).address();
    long db = SHAPES.vector(kernel, "dbeta", dbeta, e.c).address();
    threads.split(
        e.c,
        e.n(),
        (from, to) -> {
          for (int c = from; c < to; c++) {
            float centre = Memory.get(means, c);
            float scale = Memory.get(rstds, c);
            double gradients = 0; // sum dy
            double slopes = 0; // sum dy xhat
            for (int image = 0; image < e.b; image++) {
              long dyAt = e.at(dys, image, c);
              gradients += Rows.sum(dyAt, e.p);
              slopes += Rows.dotCentred(e.at(xs, image, c), dyAt, e.p, centre);
            }
            slopes *= scale;
            Memory.set(db, c, Memory.get(db, c) + (float) gradients);
            Memory.set(dg, c, Memory.get(dg, c) + (float) slopes);
            float factor = Memory.get(g, c) * scale;
            float tilt = (float) (-factor * scale * slopes / e.n());
            float shift = (float) (-factor * gradients / e.n());
            for (int image = 0; image < e.b; image++) {
              long xAt = e.at(xs, image, c);
              long dyAt = e.at(dys, image, c);
              Rows.tilt(xAt, dyAt, e.at(dxs, image, c), e.p, centre, tilt, factor, shift);
            }
          }
        });
  }
}
