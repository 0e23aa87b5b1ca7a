package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import java.lang.foreign.MemorySegment;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Fills, copies, sums, choices of rows, and what else treats all elements alike. */
final class Elementary {
  private final Threads threads;

  Elementary(Threads threads) {
    this.threads = threads;
  }

  void fill(Tensor x, float value) {
    NativeTensor xs = SHAPES.any("fill", "x", x);
    if (!xs.halves()) {
      Memory.fill(xs.address(), x.size(), value);
      return;
    }
    if (Float.floatToRawIntBits(value) == 0) {
      xs.memory().fill((byte) 0);
      return;
    }
    for (long i = 0; i < x.size(); i++) {
      Halves.set(xs.at(i), 0, value);
    }
  }

  void copy(Tensor x, Tensor y) {
    NativeTensor to = SHAPES.anyVector("copy", "y", y, x.size());
    NativeTensor from = SHAPES.any("copy", "x", x);
    if (from.type() == to.type()) {
      MemorySegment.copy(from.memory(), 0, to.memory(), 0, x.size() * x.type().bytes());
      return;
    }
    threads.blocks(
        x.size(),
        (at, n) -> {
          if (to.halves()) {
            HalfRows.narrow(from.at(at), to.at(at), n);
          } else {
            HalfRows.widen(from.at(at), to.at(at), n);
          }
        });
  }

  void axpy(float alpha, Tensor x, Tensor y) {
    NativeTensor to = SHAPES.anyVector("axpy", "y", y, x.size());
    NativeTensor from = like("axpy", "x", x, to);
    threads.blocks(
        x.size(),
        (at, n) -> {
          if (to.halves()) {
            HalfRows.axpy(alpha, from.at(at), to.at(at), n);
          } else {
            Rows.axpy(alpha, from.at(at), to.at(at), n);
          }
        });
  }

  void scale(float alpha, Tensor x) {
    long xs = SHAPES.own("scale", "x", x).address();
    threads.blocks(x.size(), (at, n) -> Rows.scale(Memory.at(xs, at), Memory.at(xs, at), n, alpha));
  }

  void gatherRows(Tensor x, int first, int stride, Tensor y) {
    int n = y.rows();
    int d = y.columns();
    NativeTensor from = chosen("gatherRows", "x", x, first, stride, n, d);
    NativeTensor to = like("gatherRows", "y", y, from);
    long bytes = (long) d * y.type().bytes();
    for (int row = 0; row < n; row++) {
      long begin = first + (long) row * stride;
      MemorySegment.copy(from.memory(), begin * bytes, to.memory(), row * bytes, bytes);
    }
  }

  void scatterAddRows(Tensor x, int first, int stride, Tensor y) {
    int n = x.rows();
    int d = x.columns();
    NativeTensor to = chosen("scatterAddRows", "y", y, first, stride, n, d);
    NativeTensor from = like("scatterAddRows", "x", x, to);
    for (int row = 0; row < n; row++) {
      long source = from.at((long) row * d);
      long target = to.at((first + (long) row * stride) * d);
      if (to.halves()) {
        HalfRows.axpy(1, source, target, d);
      } else {
        Rows.add(source, target, d);
      }
    }
  }

  private static NativeTensor like(String kernel, String name, Tensor tensor, NativeTensor other) {
    NativeTensor own = SHAPES.any(kernel, name, tensor);
    Shapes.require(
        own.type() == other.type(), kernel, name + " of " + own.type(), "one of " + other.type());
    return own;
  }

  /** The tensor that rows are chosen of, where it has them. */
  private static NativeTensor chosen(
      String kernel, String name, Tensor from, int first, int stride, int n, int d) {
    Shapes.require(
        first >= 0 && stride >= 1, kernel, "first=" + first + ", stride=" + stride, "0, 1 or more");
    if (from.columns() != d || first + (n - 1L) * stride >= from.rows()) {
      throw Shapes.wrong(
          kernel, name, from, "more than " + (first + (n - 1L) * stride) + " rows of " + d);
    }
    return SHAPES.any(kernel, name, from);
  }

  void scaleRows(Tensor x, Tensor factors, Tensor y) {
    String kernel = "scaleRows";
    int d = x.columns();
    long by = SHAPES.vector(kernel, "factors", factors, x.rows()).address();
    long ys = SHAPES.matrix(kernel, "y", y, x.rows(), d).address();
    long xs = SHAPES.own(kernel, "x", x).address();
    threads.split(
        x.rows(),
        d,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long at = (long) row * d;
            Rows.scale(Memory.at(xs, at), Memory.at(ys, at), d, Memory.get(by, row));
          }
        });
  }

  void columnMean(Tensor x, Tensor out) {
    int rows = x.rows();
    int columns = x.columns();
    long sums = SHAPES.vector("columnMean", "out", out, columns).address();
    long xs = SHAPES.own("columnMean", "x", x).address();
    Memory.fill(sums, columns, 0);
    for (int row = 0; row < rows; row++) {
      Rows.add(Memory.at(xs, (long) row * columns), sums, columns);
    }
    Rows.scale(sums, sums, columns, 1f / rows);
  }

  void channelsLast(Tensor x, Tensor y) {
    String kernel = "channelsLast";
    if (x.rank() != 4) {
      throw Shapes.wrong(kernel, "x", x, "(B, C, H, W)");
    }
    int c = x.extent(1);
    int pixels = Math.multiplyExact(x.extent(2), x.extent(3));
    long xs = SHAPES.own(kernel, "x", x).address();
    NativeTensor ys = SHAPES.anyExact(kernel, "y", y, x.extent(0), x.extent(2), x.extent(3), c);
    threads.split(
        x.extent(0),
        (long) pixels * c,
        (from, to) -> {
          for (int image = from; image < to; image++) {
            long in = Memory.at(xs, (long) image * pixels * c);
            long out = ys.at((long) image * pixels * c);
            for (int pixel = 0; pixel < pixels; pixel++) {
              for (int channel = 0; channel < c; channel++) {
                float value = Memory.get(in, channel * pixels + pixel);
                Halves.setIn(ys.halves(), out, pixel * c + channel, value);
              }
            }
          }
        });
  }

  void globalAveragePool(Tensor x, Tensor y) {
    String kernel = "globalAveragePool";
    NativeTensor xs = SHAPES.anyImages(kernel, "x", x);
    int c = x.extent(3);
    int pixels = x.extent(1) * x.extent(2);
    long ys = SHAPES.exact(kernel, "y", y, x.extent(0), c).address();
    threads.split(
        x.extent(0),
        (long) pixels * c,
        (from, to) -> {
          for (int image = from; image < to; image++) {
            long mean = Memory.at(ys, (long) image * c);
            Memory.fill(mean, c, 0);
            ChannelRows.sum(xs.halves(), xs.at((long) image * pixels * c), pixels, c, mean);
            Rows.scale(mean, mean, c, 1f / pixels);
          }
        });
  }

  void globalAveragePoolBackward(Tensor dy, Tensor dx) {
    String kernel = "globalAveragePoolBackward";
    NativeTensor dxs = SHAPES.anyImages(kernel, "dx", dx);
    int c = dx.extent(3);
    int pixels = dx.extent(1) * dx.extent(2);
    long dys = SHAPES.exact(kernel, "dy", dy, dx.extent(0), c).address();
    threads.split(
        dx.extent(0),
        (long) pixels * c,
        (from, to) -> {
          for (int image = from; image < to; image++) {
            long share = Memory.at(dys, (long) image * c);
            for (int pixel = 0; pixel < pixels; pixel++) {
              long at = dxs.at(((long) image * pixels + pixel) * c);
              if (dxs.halves()) {
                HalfRows.scale(share, at, c, 1f / pixels);
              } else {
                Rows.scale(share, at, c, 1f / pixels);
              }
            }
          }
        });
  }
}
