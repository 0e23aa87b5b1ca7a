package stream.adasim.learner.network;

/**
 * Bicubic interpolation of a square grid of vectors, as PyTorch's {@code interpolate} does it
 * (Keys's kernel with a = -0.75, positions clamped at the edges, no smoothing when it shrinks).
 */
public final class Bicubic {
  private static final double A = -0.75;

  private Bicubic() {}

  /**
   * Positions for another number of patches. DINO adds 0.1 to the new number of patches per side
   * when it says by how much to scale, lest rounding cost one, so the grid comes out a little
   * finer; the same is done here, so that features come out as DINO's.
   *
   * @param grid from * from vectors of dim elements, row by row
   * @param start where the first vector begins
   * @return to * to vectors
   */
  public static float[] resize(float[] grid, int start, int from, int to, int dim) {
    double[] sums = new double[to * to * dim];
    weigh(
        from,
        to,
        (position, old, weight) -> {
          for (int c = 0; c < dim; c++) {
            sums[position * dim + c] += weight * grid[start + old * dim + c];
          }
        });
    float[] resized = new float[sums.length];
    for (int i = 0; i < resized.length; i++) {
      resized[i] = (float) sums[i];
    }
    return resized;
  }

  /**
   * What each new position takes of each old one: {@code new = matrix old}, (to * to, from * from),
   * row by row.
   */
  static double[] matrix(int from, int to) {
    int columns = from * from;
    double[] matrix = new double[to * to * columns];
    weigh(from, to, (position, old, weight) -> matrix[position * columns + old] += weight);
    return matrix;
  }

  /** One of the sixteen shares of a new position. */
  @FunctionalInterface
  private interface Share {
    void take(int position, int old, double weight);
  }

  private static void weigh(int from, int to, Share share) {
    double step = from / (to + 0.1);
    for (int position = 0; position < to * to; position++) {
      int newRow = position / to;
      int newColumn = position % to;
      double y = (newRow + 0.5) * step - 0.5;
      double x = (newColumn + 0.5) * step - 0.5;
      int top = (int) Math.floor(y);
      int left = (int) Math.floor(x);
      for (int i = -1; i <= 2; i++) {
        int row = Math.clamp(top + i, 0, from - 1);
        for (int j = -1; j <= 2; j++) {
          int column = Math.clamp(left + j, 0, from - 1);
          share.take(position, row * from + column, weight(y - top - i) * weight(x - left - j));
        }
      }
    }
  }

  /** Keys's kernel (1981) at a distance of up to 2. */
  private static double weight(double distance) {
    double d = Math.abs(distance);
    return d <= 1 ? ((A + 2) * d - (A + 3)) * d * d + 1 : ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
  }
}
