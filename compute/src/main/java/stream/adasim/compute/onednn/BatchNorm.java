package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * Batch norm of images (B, H, W, C), all of one call of one type, which are read as rows of
 * channels. Sums over rows are taken in parts whose number follows from the rows alone, in single
 * precision within a block and in double precision beyond; deviations are measured from the mean of
 * the first rows, so that one pass gives both moments without cancellation.
 */
final class BatchNorm {
  private static final int PARTS = 16;
  private static final int BLOCK = 64;

  private final Threads threads;

  BatchNorm(Threads threads) {
    this.threads = threads;
  }

  /** Extents: rows, channels; and whether images are in bfloat16. */
  private record Extents(int n, int c, boolean halves) {
    static Extents of(String kernel, Tensor x) {
      return new Extents(x.rows(), x.columns(), SHAPES.anyImages(kernel, "x", x).halves());
    }

    int parts() {
      return Math.clamp(n / BLOCK, 1, PARTS);
    }

    /** The row that a part begins with. */
    int bound(int part) {
      return (int) ((long) n * part / parts());
    }

    long at(long rows, int row) {
      return Halves.atIn(halves, rows, (long) row * c);
    }
  }

  /** Two sums per channel of some rows, added to what is there. */
  @FunctionalInterface
  private interface TwoSums {
    void add(int row, int rows, long first, long second);
  }

  /** Some rows. */
  @FunctionalInterface
  private interface Some {
    void run(int row, int rows);
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
    if (e.n < 2) {
      throw Shapes.wrong(kernel, "x", x, "2 or more values per channel");
    }
    long xs = SHAPES.any(kernel, "x", x).address();
    long g = SHAPES.vector(kernel, "gamma", gamma, e.c).address();
    long b = SHAPES.vector(kernel, "beta", beta, e.c).address();
    long keptMean = SHAPES.vector(kernel, "runningMean", runningMean, e.c).address();
    long keptVariance = SHAPES.vector(kernel, "runningVariance", runningVariance, e.c).address();
    long beside = optional(kernel, "residual", residual, x);
    long ys = SHAPES.like(kernel, "y", y, "x", x).address();
    long means = SHAPES.vector(kernel, "mean", mean, e.c).address();
    long rstds = SHAPES.vector(kernel, "rstd", rstd, e.c).address();
    long shifts = workspace(e);
    long scales = Memory.at(shifts, e.c);
    firstMean(e, xs, shifts);
    long sums =
        sums(
            e,
            (row, rows, first, second) -> {
              if (e.halves) {
                HalfChannelRows.moments(e.at(xs, row), rows, e.c, shifts, first, second);
              } else {
                ChannelRows.moments(e.at(xs, row), rows, e.c, shifts, first, second);
              }
            });
    for (int c = 0; c < e.c; c++) {
      double apart = Doubles.get(sums, c) / e.n;
      double variance = Math.max(0, Doubles.get(sums, e.c + c) / e.n - apart * apart);
      float centre = (float) (Memory.get(shifts, c) + apart);
      float scale = (float) (1 / Math.sqrt(variance + epsilon));
      Memory.set(means, c, centre);
      Memory.set(rstds, c, scale);
      Memory.set(scales, c, scale * Memory.get(g, c));
      move(keptMean, c, momentum, centre);
      move(keptVariance, c, momentum, (float) (variance * e.n / (e.n - 1)));
    }
    normalise(e, xs, beside, ys, means, scales, b, relu);
  }

  /** Means of the first rows: near enough to those of all. */
  private static void firstMean(Extents e, long x, long means) {
    int rows = Math.min(BLOCK, e.n);
    Memory.fill(means, e.c, 0);
    ChannelRows.sum(e.halves, x, rows, e.c, means);
    Rows.scale(means, means, e.c, 1f / rows);
  }

  private static void move(long running, int channel, float momentum, float value) {
    Memory.set(running, channel, (1 - momentum) * Memory.get(running, channel) + momentum * value);
  }

  private void normalise(
      Extents e, long x, long beside, long y, long centre, long scale, long shift, boolean relu) {
    float least = relu ? 0 : Float.NEGATIVE_INFINITY;
    each(
        e,
        (row, rows) -> {
          long from = e.at(x, row);
          long to = e.at(y, row);
          long by = beside == 0 ? 0 : e.at(beside, row);
          if (beside == 0 && e.halves) {
            HalfChannelRows.normalise(from, to, rows, e.c, centre, scale, shift, least);
          } else if (beside == 0) {
            ChannelRows.normalise(from, to, rows, e.c, centre, scale, shift, least);
          } else if (e.halves) {
            HalfChannelRows.normaliseAndAdd(from, by, to, rows, e.c, centre, scale, shift, least);
          } else {
            ChannelRows.normaliseAndAdd(from, by, to, rows, e.c, centre, scale, shift, least);
          }
        });
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
    long xs = SHAPES.any(kernel, "x", x).address();
    long g = SHAPES.vector(kernel, "gamma", gamma, e.c).address();
    long b = SHAPES.vector(kernel, "beta", beta, e.c).address();
    long means = SHAPES.vector(kernel, "runningMean", runningMean, e.c).address();
    long variances = SHAPES.vector(kernel, "runningVariance", runningVariance, e.c).address();
    long beside = optional(kernel, "residual", residual, x);
    long ys = SHAPES.like(kernel, "y", y, "x", x).address();
    long scales = workspace(e);
    for (int c = 0; c < e.c; c++) {
      double deviation = Math.sqrt(Memory.get(variances, c) + epsilon);
      Memory.set(scales, c, (float) (Memory.get(g, c) / deviation));
    }
    normalise(e, xs, beside, ys, means, scales, b, relu);
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
    long xs = SHAPES.any(kernel, "x", x).address();
    long g = SHAPES.vector(kernel, "gamma", gamma, e.c).address();
    long means = SHAPES.vector(kernel, "mean", mean, e.c).address();
    long rstds = SHAPES.vector(kernel, "rstd", rstd, e.c).address();
    long ys = optional(kernel, "y", y, x);
    long dys = SHAPES.like(kernel, "dy", dy, "x", x).address();
    long besides = optional(kernel, "beside", beside, x);
    long dxs = SHAPES.like(kernel, "dx", dx, "x", x).address();
    long dg = SHAPES.vector(kernel, "dgamma", dgamma, e.c).address();
    long db = SHAPES.vector(kernel, "dbeta", dbeta, e.c).address();
    long tilts = workspace(e);
    long factors = Memory.at(tilts, e.c);
    long shifts = Memory.at(tilts, 2L * e.c);
    long sums =
        sums(
            e,
            (row, rows, first, second) -> {
              long back = e.at(dys, row);
              gather(e, ys, besides, dys, row, rows);
              if (e.halves) {
                HalfChannelRows.gradients(e.at(xs, row), back, rows, e.c, means, first, second);
              } else {
                ChannelRows.gradients(e.at(xs, row), back, rows, e.c, means, first, second);
              }
            });
    for (int c = 0; c < e.c; c++) {
      float scale = Memory.get(rstds, c);
      double gradients = Doubles.get(sums, c); // sum dy
      double slopes = Doubles.get(sums, e.c + c) * scale; // sum dy xhat
      Memory.set(db, c, Memory.get(db, c) + (float) gradients);
      Memory.set(dg, c, Memory.get(dg, c) + (float) slopes);
      float factor = Memory.get(g, c) * scale;
      Memory.set(factors, c, factor);
      Memory.set(tilts, c, (float) (-factor * scale * slopes / e.n));
      Memory.set(shifts, c, (float) (-factor * gradients / e.n));
    }
    each(
        e,
        (row, rows) -> {
          long from = e.at(xs, row);
          long back = e.at(dys, row);
          long to = e.at(dxs, row);
          if (e.halves) {
            HalfChannelRows.tilt(from, back, to, rows, e.c, means, tilts, factors, shifts);
          } else {
            ChannelRows.tilt(from, back, to, rows, e.c, means, tilts, factors, shifts);
          }
        });
  }

  /** Puts together in dy what comes back, in front of a ReLU where there was one. */
  private static void gather(Extents e, long y, long beside, long dy, int row, int rows) {
    long back = e.at(dy, row);
    long from = y == 0 ? 0 : e.at(y, row);
    long by = beside == 0 ? 0 : e.at(beside, row);
    if (y != 0 && beside != 0) {
      if (e.halves) {
        HalfChannelRows.addAndMask(from, by, back, rows, e.c);
      } else {
        ChannelRows.addAndMask(from, by, back, rows, e.c);
      }
    } else if (y != 0) {
      if (e.halves) {
        HalfChannelRows.mask(from, back, rows, e.c);
      } else {
        ChannelRows.mask(from, back, rows, e.c);
      }
    } else if (beside != 0) {
      if (e.halves) {
        HalfChannelRows.add(by, back, rows, e.c);
      } else {
        ChannelRows.add(by, back, rows, e.c);
      }
    }
  }

  private static long optional(String kernel, String name, @Nullable Tensor tensor, Tensor x) {
    return tensor == null ? 0 : SHAPES.like(kernel, name, tensor, "x", x).address();
  }

  /**
   * Three vectors of channels, then for each part two in single precision, for a block, and two in
   * double precision.
   */
  private long workspace(Extents e) {
    return threads.context().workspace(sumsAt(e) + 6L * e.c * e.parts());
  }

  /** Where the sums begin, in floats: doubles are best aligned. */
  private static int sumsAt(Extents e) {
    return 3 * e.c + 1 & ~1;
  }

  /** Adds up both sums over all rows; two vectors of doubles, side by side. */
  private long sums(Extents e, TwoSums block) {
    long begin = Memory.at(workspace(e), sumsAt(e));
    long singles = begin + 4L * e.c * e.parts() * Float.BYTES;
    threads.split(
        e.parts(),
        (long) e.n / e.parts() * e.c,
        (from, to) -> {
          for (int part = from; part < to; part++) {
            long sum = begin + 2L * e.c * part * Double.BYTES;
            long first = Memory.at(singles, 2L * e.c * part);
            Doubles.fill(sum, 2 * e.c);
            int end = e.bound(part + 1);
            for (int row = e.bound(part); row < end; row += BLOCK) {
              Memory.fill(first, 2L * e.c, 0);
              block.add(row, Math.min(BLOCK, end - row), first, Memory.at(first, e.c));
              Doubles.addFloats(first, sum, 2 * e.c);
            }
          }
        });
    for (int part = 1; part < e.parts(); part++) {
      Doubles.add(begin + 2L * e.c * part * Double.BYTES, begin, 2 * e.c);
    }
    return begin;
  }

  private void each(Extents e, Some some) {
    threads.split(
        e.n,
        e.c,
        (from, to) -> {
          for (int row = from; row < to; row += BLOCK) {
            some.run(row, Math.min(BLOCK, to - row));
          }
        });
  }
}
