package stream.adasim.compute.onednn;

/**
 * Tiles of images (B, h, w, c), by number: image by image, row by row. They begin two pixels apart;
 * what lies outside of an image is 0 where it is read and nowhere where it is written. Transforms
 * see floats, so that images in bfloat16 are copied, a row of tiles at a time.
 *
 * @param halves whether images are in bfloat16
 * @param side of a tile
 * @param margin how far the first tile begins outside of the image
 * @param down rows of tiles
 * @param across columns of tiles
 */
record WinogradGrid(
    int h, int w, int c, boolean halves, int side, int margin, int down, int across) {
  private static final int STEP = 2;

  /** Pixels of a tile, a row's and a column's bytes apart, to or from planes. */
  @FunctionalInterface
  interface Transform {
    void apply(long tile, long row, long column, int n, long planes, long plane);
  }

  /**
   * Rows of numbers, one for each tile, in planes.
   *
   * @param at address of the first
   * @param bytes of a number
   * @param apart numbers from a plane to the next
   */
  record Planes(long at, int bytes, int apart) {
    long row(int tile, int numbers) {
      return at + (long) tile * numbers * bytes;
    }

    long bytesApart() {
      return (long) apart * bytes;
    }
  }

  int tiles(int images) {
    return Math.multiplyExact(images, down * across);
  }

  /** Floats that {@link #read} and {@link #write} work on. */
  long scratch() {
    return (long) side * (halves ? pixels() : side) * c;
  }

  /** Pixels that a row of tiles covers from left to right. */
  private int pixels() {
    return STEP * (across - 1) + side;
  }

  /**
   * Transforms some tiles into planes.
   *
   * @param scratch memory of {@link #scratch}
   */
  void read(Transform transform, long images, int first, int count, long scratch, Planes planes) {
    if (halves) {
      rows(transform, images, first, count, scratch, planes, true);
    } else {
      each(transform, images, first, count, scratch, planes, true);
    }
  }

  /** Transforms planes into some tiles. */
  void write(Transform transform, long images, int first, int count, long scratch, Planes planes) {
    if (halves) {
      rows(transform, images, first, count, scratch, planes, false);
    } else {
      each(transform, images, first, count, scratch, planes, false);
    }
  }

  /** Row by row of tiles, widened as a whole before or narrowed after. */
  private void rows(
      Transform transform,
      long images,
      int first,
      int count,
      long lines,
      Planes planes,
      boolean reads) {
    long column = (long) c * Float.BYTES;
    long line = pixels() * column;
    for (int done = 0; done < count; ) {
      int left = (first + done) % across;
      int row = (first + done) / across;
      int tiles = Math.min(across - left, count - done);
      long image = Halves.at(images, (long) (row / down) * h * w * c);
      int top = row % down * STEP - margin;
      int begin = left * STEP;
      int end = begin + STEP * (tiles - 1) + side;
      if (reads) {
        widen(image, top, begin, end, lines);
      }
      for (int tile = 0; tile < tiles; tile++) {
        long corner = lines + (begin + tile * STEP) * column;
        transform.apply(corner, line, column, c, planes.row(done + tile, c), planes.bytesApart());
      }
      if (!reads) {
        narrow(lines, top, begin, end, image);
      }
      done += tiles;
    }
  }

  /** Pixels from begin to end, counted from the margin, of the rows that tiles have. */
  private void widen(long image, int top, int begin, int end, long lines) {
    int from = Math.clamp(begin, margin, margin + w);
    int to = Math.clamp(end, margin, margin + w);
    for (int row = 0; row < side; row++) {
      long line = Memory.at(lines, (long) row * pixels() * c);
      if (top + row < 0 || top + row >= h) {
        Memory.fill(Memory.at(line, (long) begin * c), (long) (end - begin) * c, 0);
        continue;
      }
      Memory.fill(Memory.at(line, (long) begin * c), (long) (from - begin) * c, 0);
      long pixel = Halves.at(image, ((long) (top + row) * w + from - margin) * c);
      HalfRows.widen(pixel, Memory.at(line, (long) from * c), (to - from) * c);
      Memory.fill(Memory.at(line, (long) to * c), (long) (end - to) * c, 0);
    }
  }

  private void narrow(long lines, int top, int begin, int end, long image) {
    int to = Math.min(end, w);
    for (int row = 0; row < side && top + row < h; row++) {
      long line = Memory.at(lines, (long) row * pixels() * c);
      long pixel = Halves.at(image, ((long) (top + row) * w + begin) * c);
      HalfRows.narrow(Memory.at(line, (long) begin * c), pixel, (to - begin) * c);
    }
  }

  private void each(
      Transform transform,
      long images,
      int first,
      int count,
      long patch,
      Planes planes,
      boolean reads) {
    long plane = planes.bytesApart();
    long column = (long) c * Float.BYTES;
    int left = first % across;
    int top = first / across % down;
    long image = images + (long) (first / tiles(1)) * h * w * column;
    for (int i = 0; i < count; i++) {
      int y = top * STEP - margin;
      int x = left * STEP - margin;
      long corner = image + ((long) y * w + x) * column;
      long own = planes.row(i, c);
      if (y >= 0 && x >= 0 && y + side <= h && x + side <= w) {
        transform.apply(corner, w * column, column, c, own, plane);
      } else if (reads) {
        copy(corner, y, x, patch, true);
        transform.apply(patch, side * column, column, c, own, plane);
      } else {
        transform.apply(patch, side * column, column, c, own, plane);
        copy(corner, y, x, patch, false);
      }
      if (++left == across) {
        left = 0;
        if (++top == down) {
          top = 0;
          image += (long) h * w * column;
        }
      }
    }
  }

  /** Copies the pixels of a tile at (y, x) that lie within the image. */
  private void copy(long corner, int y, int x, long patch, boolean reads) {
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        long pixel = Memory.at(corner, ((long) row * w + column) * c);
        long own = Memory.at(patch, (long) (row * side + column) * c);
        boolean inside = y + row >= 0 && y + row < h && x + column >= 0 && x + column < w;
        if (!reads) {
          if (inside) {
            WinogradRows.copy(own, pixel, c);
          }
        } else if (inside) {
          WinogradRows.copy(pixel, own, c);
        } else {
          WinogradRows.clear(own, c);
        }
      }
    }
  }
}
