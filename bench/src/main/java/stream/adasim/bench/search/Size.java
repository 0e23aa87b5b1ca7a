package stream.adasim.bench.search;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stream.adasim.bench.InputException;

/**
 * Shape of a bank.
 *
 * @param rows a batch of queries or more
 * @param dimension 0 where it is left to the data
 */
record Size(int rows, int dimension) {
  /** Queries that are searched together, each of another image. */
  static final int BATCH = 64;

  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})(?:x(\\d{1,5}))?");

  /**
   * @throws InputException where no pass meets each image once, or a batch none twice
   */
  Size {
    if (rows < BATCH || rows % VectorStream.STRIDE == 0) {
      throw new InputException(
          "found %d rows, expected %d or more and no multiple of %d; --sizes sets them"
              .formatted(rows, BATCH, VectorStream.STRIDE));
    }
  }

  /**
   * Reads a size.
   *
   * @param text as 16384x192, or 16384 where the dimension is left to the data
   * @throws InputException where it is none
   */
  static Size parse(String text) {
    Matcher parts = WRITTEN.matcher(text);
    if (!parts.matches()) {
      throw new InputException(
          "--sizes=" + text + ": expected rows and dimension, as 16384x192, or rows alone");
    }
    String dimension = parts.group(2);
    return new Size(
        Integer.parseInt(parts.group(1)), dimension == null ? 0 : Integer.parseInt(dimension));
  }

  @Override
  public String toString() {
    return dimension == 0 ? Integer.toString(rows) : rows + "x" + dimension;
  }
}
