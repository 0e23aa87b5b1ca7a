package stream.adasim.learner.decode;

/**
 * From luma and two colour planes to RGB (ITU-T T.871, JFIF). Halved colours are enlarged by
 * libjpeg's triangle filter: three quarters of the nearer sample, one of the farther.
 *
 * <p>Left and right pixels of a pair, and each step, have loops of their own over rows of ints:
 * those the compiler turns into vector code, which took half of the time off DecodeBench.full.
 */
final class JpegColours {
  private final byte[] blue;
  private final byte[] red;
  private final int stride;
  private final boolean halvedAcross;
  private final boolean halvedDown;
  private final int width;
  private final int rows;
  private final int samples; // in a row of the colour planes
  private final int[] column; // a row of colours, weighted vertically, one sample more at each end
  private final Shifts left;
  private final Shifts right;

  /** For a row of pixels: their colours, then what these add to luma. */
  private static final class Shifts {
    final int[] blue;
    final int[] red;
    final int[] toRed;
    final int[] toGreen;
    final int[] toBlue;

    Shifts(int length) {
      blue = new int[length];
      red = new int[length];
      toRed = new int[length];
      toGreen = new int[length];
      toBlue = new int[length];
    }

    void convert() {
      red(red, toRed);
      green(blue, red, toGreen);
      blue(blue, toBlue);
    }

    private static void red(int[] red, int[] to) {
      for (int i = 0; i < to.length; i++) {
        to[i] = (91_881 * (red[i] - 128) + 32_768) >> 16; // 1.402
      }
    }

    private static void green(int[] blue, int[] red, int[] to) {
      for (int i = 0; i < to.length; i++) { // .34414, .71414
        to[i] = (-22_554 * (blue[i] - 128) - 46_802 * (red[i] - 128) + 32_768) >> 16;
      }
    }

    private static void blue(int[] blue, int[] to) {
      for (int i = 0; i < to.length; i++) {
        to[i] = (116_130 * (blue[i] - 128) + 32_768) >> 16; // 1.772
      }
    }
  }

  /**
   * @param width of the image
   * @param rows of the colour planes that belong to the image
   */
  JpegColours(
      byte[] blue,
      byte[] red,
      int stride,
      boolean halvedAcross,
      boolean halvedDown,
      int width,
      int rows) {
    this.blue = blue;
    this.red = red;
    this.stride = stride;
    this.halvedAcross = halvedAcross;
    this.halvedDown = halvedDown;
    this.width = width;
    this.rows = rows;
    samples = halvedAcross ? (width + 1) / 2 : width;
    column = new int[halvedAcross ? samples + 2 : 0];
    left = new Shifts(samples);
    right = new Shifts(halvedAcross ? samples : 0);
  }

  /** Writes a row of RGB pixels. */
  void row(int y, byte[] luma, int lumaAt, byte[] pixels, int to) {
    if (halvedAcross) {
      widen(blue, y, left.blue, right.blue);
      widen(red, y, left.red, right.red);
      left.convert();
      right.convert();
      pairs(luma, lumaAt, pixels, to);
    } else {
      take(blue, y * stride, left.blue, 0, samples);
      take(red, y * stride, left.red, 0, samples);
      left.convert();
      for (int i = 0; i < width; i++) {
        put(left, i, luma[lumaAt + i] & 0xFF, pixels, to + 3 * i);
      }
    }
  }

  private void pairs(byte[] luma, int lumaAt, byte[] pixels, int to) {
    int pairs = width / 2;
    for (int i = 0; i < pairs; i++) {
      put(left, i, luma[lumaAt + 2 * i] & 0xFF, pixels, to + 6 * i);
      put(right, i, luma[lumaAt + 2 * i + 1] & 0xFF, pixels, to + 6 * i + 3);
    }
    if (pairs < samples) {
      put(left, pairs, luma[lumaAt + 2 * pairs] & 0xFF, pixels, to + 6 * pairs);
    }
  }

  private static void put(Shifts shifts, int i, int luma, byte[] pixels, int to) {
    pixels[to] = sample(luma + shifts.toRed[i]);
    pixels[to + 1] = sample(luma + shifts.toGreen[i]);
    pixels[to + 2] = sample(luma + shifts.toBlue[i]);
  }

  /** Enlarges a row; the rounding alternates, so that it has no drift. */
  private void widen(byte[] plane, int y, int[] left, int[] right) {
    if (halvedDown) {
      int near = y / 2;
      int far = Math.clamp(near - 1 + 2 * (y & 1), 0, rows - 1);
      blend(plane, near * stride, far * stride, column, samples);
    } else {
      take(plane, y * stride, column, 1, samples);
    }
    column[0] = column[1];
    column[samples + 1] = column[samples];
    int shift = halvedDown ? 4 : 2;
    spread(column, 0, left, halvedDown ? 8 : 1, shift);
    spread(column, 2, right, halvedDown ? 7 : 2, shift);
  }

  private static void blend(byte[] plane, int near, int far, int[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i + 1] = 3 * (plane[near + i] & 0xFF) + (plane[far + i] & 0xFF);
    }
  }

  private static void take(byte[] plane, int from, int[] to, int at, int count) {
    for (int i = 0; i < count; i++) {
      to[at + i] = plane[from + i] & 0xFF;
    }
  }

  private static void spread(int[] column, int beside, int[] to, int rounding, int shift) {
    for (int i = 0; i < to.length; i++) {
      to[i] = (3 * column[i + 1] + column[i + beside] + rounding) >> shift;
    }
  }

  private static byte sample(int value) {
    return (byte) Math.min(Math.max(value, 0), 255);
  }
}
