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
    float a0 = Memory.get(filter, first);
    float a1 = Memory.get(filter, first + step);
    float a2 = Memory.get(filter, first + 2 * step);
    float b0 = Memory.get(filter, first + 3 * step);
    float b1 = Memory.get(filter, first + 4 * step);
    float b2 = Memory.get(filter, first + 5 * step);
    float c0 = Memory.get(filter, first + 6 * step);
    float c1 = Memory.get(filter, first + 7 * step);
    float c2 = Memory.get(filter, first + 8 * step);
    row(out, plane, a0, a1, a2);
    row(
        out + 4 * plane,
        plane,
        0.5f * (a0 + b0 + c0),
        0.5f * (a1 + b1 + c1),
        0.5f * (a2 + b2 + c2));
    row(
        out + 8 * plane,
        plane,
        0.5f * (a0 - b0 + c0),
        0.5f * (a1 - b1 + c1),
        0.5f * (a2 - b2 + c2));
    row(out + 12 * plane, plane, c0, c1, c2);
  }

  /** A row of G g times G'. */
  private static void row(long out, long plane, float a, float b, float c) {
    Memory.set(out, 0, a);
    Memory.set(out + plane, 0, 0.5f * (a + b + c));
    Memory.set(out + 2 * plane, 0, 0.5f * (a - b + c));
    Memory.set(out + 3 * plane, 0, c);
  }

  /**
   * {@code dw += G' m G} for some pairs of filter and channel, dw (O, C, 3, 3).
   *
   * @param planes m, 16 times (O, C)
   */
  static void backward(long planes, int o, int c, int from, int to, long dw) {
    long plane = 4L * Winograd.plane(o, c);
    for (int pair = from; pair < to; pair++) {
      long in = Memory.at(planes, pair);
      long out = Memory.at(dw, (long) pair * TAPS);
      for (int column = 0; column < 3; column++) {
        column(in, plane, column, out);
      }
    }
  }

  /** One column of the filter, from the two to three columns of m that it depends on. */
  private static void column(long in, long plane, int column, long out) {
    float a = across(in, plane, column);
    float b = across(in + 4 * plane, plane, column);
    float c = across(in + 8 * plane, plane, column);
    float d = across(in + 12 * plane, plane, column);
    add(out, column, a + 0.5f * (b + c));
    add(out, column + 3, 0.5f * (b - c));
    add(out, column + 6, d + 0.5f * (b + c));
  }

  /** A row of m times a column of G. */
  private static float across(long row, long plane, int column) {
    float b = Memory.get(row + plane, 0);
    float c = Memory.get(row + 2 * plane, 0);
    return switch (column) {
      case 0 -> Memory.get(row, 0) + 0.5f * (b + c);
      case 1 -> 0.5f * (b - c);
      default -> Memory.get(row + 3 * plane, 0) + 0.5f * (b + c);
    };
  }

  private static void add(long address, int index, float value) {
    Memory.set(address, index, Memory.get(address, index) + value);
  }
}
