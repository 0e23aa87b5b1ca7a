package stream.adasim.learner.weights;

/**
 * Bicubic interpolation of a square grid of vectors, as PyTorch's {@code interpolate} does it
 * (Keys's kernel with a = -0.75, positions clamped at the edges, no smoothing when it shrinks).
 */
final class Bicubic {
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
  static float[] resize(float[] grid, int start, int from, int to, int dim) {
    double step = from / (to + 0.1);
    float[] resized = new float[to * to * dim];
    for (int row = 0; row < to; row++) {
      for (int column = 0; column < to; column++) {
        double y = (row + 0.5) * step - 0.5;
        double x = (column + 0.5) * step - 0.5;
        for (int c = 0; c < dim; c++) {
          resized[(row * to + column) * dim + c] = (float) at(grid, start + c, from, dim, y, x);
        }
      }
    }
    return resized;
  }

  private static double at(float[] grid, int start, int side, int dim, double y, double x) {
    int top = (int) Math.floor(y);
    int left = (int) Math.floor(x);
    double sum = 0;
    for (int i = -1; i <= 2; i++) {
      int row = Math.clamp(top + i, 0, side - 1);
      double line = 0;
      for (int j = -1; j <= 2; j++) {
        int column = Math.clamp(left + j, 0, side - 1);
        line += weight(x - left - j) * grid[start + (row * side + column) * dim];
      }
      sum += weight(y - top - i) * line;
    }
    return sum;
  }

  /** Keys's kernel (1981) at a distance of up to 2. */
  private static double weight(double distance) {
    double d = Math.abs(distance);
    return d <= 1 ? ((A + 2) * d - (A + 3)) * d * d + 1 : ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
  }
}
