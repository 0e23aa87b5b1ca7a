package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Halves.getIn;
import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.PoolShape;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * Largest values of windows of images (B, H, W, C). The backward looks for them once more, which
 * costs less than to keep where they were.
 */
final class MaxPool {
  private final Threads threads;

  MaxPool(Threads threads) {
    this.threads = threads;
  }

  void maxPool(Tensor x, int size, int stride, int padding, Tensor y) {
    String kernel = "maxPool";
    PoolShape s = PoolShape.of(kernel, "x", x, size, stride, padding);
    NativeTensor xs = SHAPES.any(kernel, "x", x);
    NativeTensor ys = SHAPES.anyExact(kernel, "y", y, s.outputs());
    Shapes.alike(kernel, "y", y, "x", x);
    int c = s.c();
    threads.split(
        s.b() * s.down(),
        (long) s.across() * c * s.size() * s.size(),
        (from, to) -> {
          for (int line = from; line < to; line++) {
            long image = xs.at((long) line / s.down() * s.height() * s.width() * c);
            for (int column = 0; column < s.across(); column++) {
              long out = ys.at(((long) line * s.across() + column) * c);
              largest(xs.halves(), image, s, line % s.down(), column, out);
            }
          }
        });
  }

  void backward(Tensor x, Tensor dy, int size, int stride, int padding, Tensor dx) {
    String kernel = "maxPoolBackward";
    PoolShape s = PoolShape.of(kernel, "x", x, size, stride, padding);
    NativeTensor xs = SHAPES.any(kernel, "x", x);
    NativeTensor dys = SHAPES.anyExact(kernel, "dy", dy, s.outputs());
    Shapes.alike(kernel, "dy", dy, "x", x);
    NativeTensor dxs = SHAPES.like(kernel, "dx", dx, "x", x);
    boolean halves = xs.halves();
    int c = s.c();
    int outputs = s.down() * s.across();
    long pixels = (long) s.height() * s.width() * c;
    threads.split(
        s.b(),
        (long) outputs * c * s.size() * s.size(),
        (from, to) -> {
          for (int image = from; image < to; image++) {
            long in = xs.at(image * pixels);
            long target = dxs.at(image * pixels);
            Memory.clear(target, pixels * x.type().bytes());
            for (int i = 0; i < outputs; i++) {
              long back = dys.at(((long) image * outputs + i) * c);
              for (int channel = 0; channel < c; channel++) {
                int winner = winner(halves, in, s, i, channel);
                float sum = getIn(halves, target, winner) + getIn(halves, back, channel);
                Halves.setIn(halves, target, winner, sum);
              }
            }
          }
        });
  }

  /** All channels of one window. */
  private static void largest(
      boolean halves, long image, PoolShape s, int down, int across, long out) {
    int top = down * s.stride() - s.padding();
    int left = across * s.stride() - s.padding();
    int bottom = Math.min(s.height(), top + s.size());
    int right = Math.min(s.width(), left + s.size());
    for (int channel = 0; channel < s.c(); channel++) {
      Halves.setIn(halves, out, channel, Float.NEGATIVE_INFINITY);
    }
    for (int row = Math.max(0, top); row < bottom; row++) {
      for (int column = Math.max(0, left); column < right; column++) {
        long pixel = Halves.atIn(halves, image, ((long) row * s.width() + column) * s.c());
        if (halves) {
          HalfRows.max(pixel, out, s.c());
        } else {
          Rows.max(pixel, out, s.c());
        }
      }
    }
  }

  /** Where in an image a channel's window has its largest: the first of them. */
  private static int winner(boolean halves, long image, PoolShape s, int output, int channel) {
    int top = output / s.across() * s.stride() - s.padding();
    int left = output % s.across() * s.stride() - s.padding();
    int bottom = Math.min(s.height(), top + s.size());
    int right = Math.min(s.width(), left + s.size());
    int best = (Math.max(0, top) * s.width() + Math.max(0, left)) * s.c() + channel;
    float most = getIn(halves, image, best);
    for (int row = Math.max(0, top); row < bottom; row++) {
      for (int column = Math.max(0, left); column < right; column++) {
        int at = (row * s.width() + column) * s.c() + channel;
        float value = getIn(halves, image, at);
        if (value > most) {
          most = value;
          best = at;
        }
      }
    }
    return best;
  }
}
