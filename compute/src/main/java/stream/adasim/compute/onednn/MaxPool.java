package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.PoolShape;
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
    long xs = SHAPES.own(kernel, "x", x).address();
    long ys = SHAPES.exact(kernel, "y", y, s.outputs()).address();
    int c = s.c();
    threads.split(
        s.b() * s.down(),
        (long) s.across() * c * s.size() * s.size(),
        (from, to) -> {
          for (int line = from; line < to; line++) {
            long image = Memory.at(xs, (long) line / s.down() * s.height() * s.width() * c);
            for (int column = 0; column < s.across(); column++) {
              long out = Memory.at(ys, ((long) line * s.across() + column) * c);
              largest(image, s, line % s.down(), column, out);
            }
          }
        });
  }

  void backward(Tensor x, Tensor dy, int size, int stride, int padding, Tensor dx) {
    String kernel = "maxPoolBackward";
    PoolShape s = PoolShape.of(kernel, "x", x, size, stride, padding);
    long xs = SHAPES.own(kernel, "x", x).address();
    long dys = SHAPES.exact(kernel, "dy", dy, s.outputs()).address();
    long dxs = SHAPES.exact(kernel, "dx", dx, x.shape()).address();
    int c = s.c();
    int outputs = s.down() * s.across();
    long pixels = (long) s.height() * s.width() * c;
    threads.split(
        s.b(),
        (long) outputs * c * s.size() * s.size(),
        (from, to) -> {
          for (int image = from; image < to; image++) {
            long in = Memory.at(xs, image * pixels);
            long target = Memory.at(dxs, image * pixels);
            Memory.fill(target, pixels, 0);
            for (int i = 0; i < outputs; i++) {
              long back = Memory.at(dys, ((long) image * outputs + i) * c);
              for (int channel = 0; channel < c; channel++) {
                int winner = winner(in, s, i, channel);
                Memory.set(target, winner, Memory.get(target, winner) + Memory.get(back, channel));
              }
            }
          }
        });
  }

  /** All channels of one window. */
  private static void largest(long image, PoolShape s, int down, int across, long out) {
    int top = down * s.stride() - s.padding();
    int left = across * s.stride() - s.padding();
    int bottom = Math.min(s.height(), top + s.size());
    int right = Math.min(s.width(), left + s.size());
    Memory.fill(out, s.c(), Float.NEGATIVE_INFINITY);
    for (int row = Math.max(0, top); row < bottom; row++) {
      for (int column = Math.max(0, left); column < right; column++) {
        Rows.max(Memory.at(image, ((long) row * s.width() + column) * s.c()), out, s.c());
      }
    }
  }

  /** Where in an image a channel's window has its largest: the first of them. */
  private static int winner(long image, PoolShape s, int output, int channel) {
    int top = output / s.across() * s.stride() - s.padding();
    int left = output % s.across() * s.stride() - s.padding();
    int bottom = Math.min(s.height(), top + s.size());
    int right = Math.min(s.width(), left + s.size());
    int best = (Math.max(0, top) * s.width() + Math.max(0, left)) * s.c() + channel;
    float most = Memory.get(image, best);
    for (int row = Math.max(0, top); row < bottom; row++) {
      for (int column = Math.max(0, left); column < right; column++) {
        int at = (row * s.width() + column) * s.c() + channel;
        float value = Memory.get(image, at);
        if (value > most) {
          most = value;
          best = at;
        }
      }
    }
    return best;
  }
}
