package stream.adasim.compute.onednn;

/**
 * Tiles of images (B, h, w, c), by number: image by image, row by row. They begin two pixels apart;
 * what lies outside of an image is 0 where it is read and nowhere where it is written.
 *
 * @param side of a tile
 * @param margin how far the first tile begins outside of the image
 * @param down rows of tiles
 * @param across columns of tiles
 */
record WinogradGrid(int h, int w, int c, int side, int margin, int down, int across) {
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

  /**
   * Transforms some tiles into planes.
   *
   * @param patch memory for one tile
   */
  void read(Transform transform, long images, int first, int count, long patch, Planes planes) {
    each(transform, images, first, count, patch, planes, true);
  }

  /** Transforms planes into some tiles. */
  void write(Transform transform, long images, int first, int count, long patch, Planes planes) {
    each(transform, images, first, count, patch, planes, false);
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
