package stream.adasim.learner.network;

import static stream.adasim.learner.network.PlainKernels.check;

import java.util.Arrays;

/** Convolutions and pools as loops over every pixel that a window reads. */
final class PlainConvolutions {
  private PlainConvolutions() {}

  /** A pixel, its weight's place in the filter (channel, row, column) and the output. */
  private interface Tap {
    void meets(int input, int weight, int output);
  }

  /** Calls for each product of a convolution, or, channels not mixed, for each pixel of a pool. */
  private static void forEach(
      Doubles x, Doubles y, int k, int stride, int padding, boolean mixed, Tap tap) {
    int h = x.extent(1);
    int w = x.extent(2);
    int c = x.extent(3);
    int down = y.extent(1);
    int across = y.extent(2);
    int o = y.extent(3);
    check(
        down == (h + 2 * padding - k) / stride + 1
            && across == (w + 2 * padding - k) / stride + 1
            && x.extent(0) == y.extent(0),
        x,
        y);
    for (int output = 0; output < y.size(); output++) {
      int out = output % o;
      int left = output / o % across * stride - padding;
      int top = output / (o * across) % down * stride - padding;
      int image = output / (o * across * down);
      for (int i = 0; i < (mixed ? c : 1) * k * k; i++) {
        int channel = mixed ? i / (k * k) : out;
        int row = top + i / k % k;
        int column = left + i % k;
        if (row >= 0 && row < h && column >= 0 && column < w) {
          int input = ((image * h + row) * w + column) * c + channel;
          tap.meets(input, mixed ? out * c * k * k + i : i, output);
        }
      }
    }
  }

  static void convolution(Doubles x, Doubles w, int stride, int padding, Doubles y) {
    check(w.extent(0) == y.extent(3) && w.extent(1) == x.extent(3), x, w, y);
    for (int i = 0; i < y.size(); i++) {
      y.set(i, 0);
    }
    forEach(
        x,
        y,
        w.extent(2),
        stride,
        padding,
        true,
        (input, weight, output) -> y.add(output, x.get(input) * w.get(weight)));
  }

  static void backwardInput(Doubles dy, Doubles w, int stride, int padding, Doubles dx) {
    for (int i = 0; i < dx.size(); i++) {
      dx.set(i, 0);
    }
    forEach(
        dx,
        dy,
        w.extent(2),
        stride,
        padding,
        true,
        (input, weight, output) -> dx.add(input, dy.get(output) * w.get(weight)));
  }

  static void backwardWeight(Doubles x, Doubles dy, int stride, int padding, Doubles dw) {
    forEach(
        x,
        dy,
        dw.extent(2),
        stride,
        padding,
        true,
        (input, weight, output) -> dw.add(weight, dy.get(output) * x.get(input)));
  }

  static void maxPool(Doubles x, int size, int stride, int padding, Doubles y) {
    int[] winners = winners(x, size, stride, padding, y);
    for (int i = 0; i < winners.length; i++) {
      y.set(i, x.get(winners[i]));
    }
  }

  static void maxPoolBackward(
      Doubles x, Doubles dy, int size, int stride, int padding, Doubles dx) {
    for (int i = 0; i < dx.size(); i++) {
      dx.set(i, 0);
    }
    int[] winners = winners(x, size, stride, padding, dy);
    for (int i = 0; i < winners.length; i++) {
      dx.add(winners[i], dy.get(i));
    }
  }

  private static int[] winners(Doubles x, int size, int stride, int padding, Doubles y) {
    int[] winners = new int[(int) y.size()];
    Arrays.fill(winners, -1);
    forEach(
        x,
        y,
        size,
        stride,
        padding,
        false,
        (input, weight, output) -> {
          if (winners[output] < 0 || x.get(input) > x.get(winners[output])) {
            winners[output] = input;
          }
        });
    return winners;
  }
}
