package stream.adasim.compute.onednn;

/** The filters' side of F(2x2, 3x3) by Lavin and Gray (2016), by address. */
final class WinogradFilters {
  private static final int TAPS = 9;

  private WinogradFilters() {}

  /**
   * {@code G g G'} for some filters, w (O, C, 3, 3).
   *
   * @param turned whether by 180 degrees, as the gradient of the inputs takes them
   * @param planes 16 times (O, C)
   */
  static void forward(long w, int o, int c, int from, int to, boolean turned, long planes) {
    long plane = 4L * Winograd.plane(o, c);
    int first = turned ? TAPS - 1 : 0;
    int step = turned ? -1 : 1;
    for (int pair = from * c; pair < to * c; pair++) {
      transform(Memory.at(w, (long) pair * TAPS), first, step, Memory.at(planes, pair), plane);
    }
  }

  /** Taps in rows, from the first on in steps. */
  private static void transform(long filter, int first, int step, long out, long plane) {
    for (int column = 0; column < 3; column++) {
      // One column of G g, four numbers, kept where its planes are.
      float a = Memory.get(filter, first + step * column);
      float b = Memory.get(filter, first + step * (column + 3));
      float c = Memory.get(filter, first + step * (column + 6));
      long at = out + column * plane;
      Memory.set(at, 0, a);
      Memory.set(at + 4 * plane, 0, 0.5f * (a + b + c));
      Memory.set(at + 8 * plane, 0, 0.5f * (a - b + c));
      Memory.set(at + 12 * plane, 0, c);
    }
    for (int row = 0; row < 4; row++) {
      long at = out + 4L * row * plane;
      float a = Memory.get(at, 0);
      float b = Memory.get(at + plane, 0);
      float c = Memory.get(at + 2 * plane, 0);
      Memory.set(at + plane, 0, 0.5f * (a + b + c));
      Memory.set(at + 2 * plane, 0, 0.5f * (a - b + c));
      Memory.set(at + 3 * plane, 0, c);
    }
  }

  /**
   * {@code dw += G' m G} for some pairs of filter and channel, dw (O, C, 3, 3); m is overwritten.
   *
   * @param planes 16 times (O, C)
   */
  static void backward(long planes, int o, int c, int from, int to, long dw) {
    long plane = 4L * Winograd.plane(o, c);
    for (int pair = from; pair < to; pair++) {
      long in = Memory.at(planes, pair);
      long out = Memory.at(dw, (long) pair * TAPS);
      for (int column = 0; column < 4; column++) {
        long at = in + column * plane;
        float b = Memory.get(at + 4 * plane, 0);
        float c1 = Memory.get(at + 8 * plane, 0);
        Memory.set(at, 0, Memory.get(at, 0) + 0.5f * (b + c1));
        Memory.set(at + 4 * plane, 0, 0.5f * (b - c1));
        Memory.set(at + 8 * plane, 0, Memory.get(at + 12 * plane, 0) + 0.5f * (b + c1));
      }
      for (int row = 0; row < 3; row++) {
        long at = in + 4L * row * plane;
        float b = Memory.get(at + plane, 0);
        float c1 = Memory.get(at + 2 * plane, 0);
        add(out, 3 * row, Memory.get(at, 0) + 0.5f * (b + c1));
        add(out, 3 * row + 1, 0.5f * (b - c1));
        add(out, 3 * row + 2, Memory.get(at + 3 * plane, 0) + 0.5f * (b + c1));
      }
    }
  }

  private static void add(long address, int index, float value) {
    Memory.set(address, index, Memory.get(address, index) + value);
  }
}
