package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.PoolShape;
import stream.adasim.compute.Tensor;

/**
 * Largest values of windows of images (B, C, H, W). The backward looks for them once more, which
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
    long ys = SHAPES.exact(kernel, "y", y, s.outputs(x)).address();
    int pixels = s.height() * s.width();
    int outputs = s.down() * s.across();
    threads.split(
        s.planes(),
        (long) outputs * size * size,
        (from, to) -> {
          for (int plane = from; plane < to; plane++) {
            long in = Memory.at(xs, (long) plane * pixels);
            long out = Memory.at(ys, (long) plane * outputs);
            for (int i = 0; i < outputs; i++) {
              Memory.set(out, i, Memory.get(in, winner(in, s, i)));
            }
          }
        });
  }

  void backward(Tensor x, Tensor dy, int size, int stride, int padding, Tensor dx) {
    String kernel = "maxPoolBackward";
    PoolShape s = PoolShape.of(kernel, "x", x, size, stride, padding);
    long xs = SHAPES.own(kernel, "x", x).address();
    long dys = SHAPES.exact(kernel, "dy", dy, s.outputs(x)).address();
    long dxs = SHAPES.exact(kernel, "dx", dx, x.shape()).address();
    int pixels = s.height() * s.width();
    int outputs = s.down() * s.across();
    threads.split(
        s.planes(),
        (long) outputs * size * size,
        (from, to) -> {
          for (int plane = from; plane < to; plane++) {
            long in = Memory.at(xs, (long) plane * pixels);
            long out = Memory.at(dys, (long) plane * outputs);
            long target = Memory.at(dxs, (long) plane * pixels);
            Memory.fill(target, pixels, 0);
            for (int i = 0; i < outputs; i++) {
              int winner = winner(in, s, i);
              Memory.set(target, winner, Memory.get(target, winner) + Memory.get(out, i));
            }
          }
        });
  }

  /** The pixel of a plane that a window takes: the first of the largest. */
  private static int winner(long plane, PoolShape s, int output) {
    int top = output / s.across() * s.stride() - s.padding();
    int left = output % s.across() * s.stride() - s.padding();
    int bottom = Math.min(s.height(), top + s.size());
    int right = Math.min(s.width(), left + s.size());
    int best = Math.max(0, top) * s.width() + Math.max(0, left);
    float most = Memory.get(plane, best);
    for (int row = Math.max(0, top); row < bottom; row++) {
      for (int column = Math.max(0, left); column < right; column++) {
        int pixel = row * s.width() + column;
        float value = Memory.get(plane, pixel);
        if (value > most) {
          most = value;
          best = pixel;
        }
      }
    }
    return best;
  }
}
