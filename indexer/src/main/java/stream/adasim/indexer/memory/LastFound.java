package stream.adasim.indexer.memory;

import java.util.Arrays;

/**
 * Which rows the last search for each row's image found. Most of them are still near when the image
 * is searched for again, so a search that begins with their products need not find out first what
 * is far.
 *
 * <p>Takes 4 bytes for each row found, 48 an image for k = 10. Nothing is kept beyond this process:
 * what is missing costs time only.
 */
final class LastFound {
  private static final int NONE = -1;

  private int width;
  private int[] rows = {}; // (rows of the block, width)

  /**
   * Copies what is known of a row's image, {@code count} rows at most.
   *
   * @param image its row; negative where it has none
   * @param held how many rows are in use: those behind them are left out
   */
  void take(int image, int count, int held, int[] target, int at) {
    if (count == width && covers(image)) {
      for (int i = 0; i < count; i++) {
        int row = rows[image * width + i];
        if (row < held) {
          target[at + i] = row;
        }
      }
    }
  }

  /**
   * Keeps what was found for a row's image, different rows.
   *
   * @param image its row; negative where it has none
   */
  void keep(int image, int capacity, int[] found, int from, int count) {
    if (image < 0) {
      return;
    }
    if (count != width || !covers(image)) {
      int known = count == width ? rows.length : 0;
      rows = Arrays.copyOf(rows, Math.multiplyExact(capacity, count));
      Arrays.fill(rows, known, rows.length, NONE);
      width = count;
    }
    System.arraycopy(found, from, rows, image * width, width);
  }

  /** An image moved to another row. */
  void moved(int from, int to) {
    if (covers(from)) {
      System.arraycopy(rows, from * width, rows, to * width, width);
    } else {
      forget(to);
    }
  }

  /** A row has another image. */
  void forget(int image) {
    if (covers(image)) {
      Arrays.fill(rows, image * width, (image + 1) * width, NONE);
    }
  }

  private boolean covers(int image) {
    return image >= 0 && (long) image * width < rows.length;
  }
}
