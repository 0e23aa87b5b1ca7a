package stream.adasim.standalone.monitor;

/** Brings square planar images to 32x32: each target pixel is the mean of the area it covers. */
final class Thumbnails {
  static final int SIDE = 32;

  /** Floats of one thumbnail: 3 planes. */
  static final int SIZE = 3 * SIDE * SIDE;

  private Thumbnails() {}

  /**
   * Thumbnails of all images.
   *
   * @param images (n, 3, side, side)
   * @return (n, 3, 32, 32), a new array
   */
  static float[] of(float[] images, int n, int side) {
    if (side < 1 || images.length != 3L * n * side * side) {
      throw new IllegalArgumentException(
          "images hold %d floats, expected n * 3 * side * side = %d * 3 * %d * %d"
              .formatted(images.length, n, side, side));
    }
    if (side == SIDE) {
      return images.clone();
    }
    float[] thumbnails = new float[n * SIZE];
    for (int plane = 0; plane < 3 * n; plane++) {
      shrink(images, plane * side * side, side, thumbnails, plane * SIDE * SIDE);
    }
    return thumbnails;
  }

  private static void shrink(float[] image, int from, int side, float[] target, int to) {
    double step = (double) side / SIDE;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double sum = area(image, from, side, y * step, (y + 1) * step, x * step, (x + 1) * step);
        target[to + y * SIDE + x] = (float) (sum / (step * step));
      }
    }
  }

  /** Integral of the image over a rectangle whose edges may lie within pixels. */
  private static double area(
      float[] image, int from, int side, double top, double bottom, double left, double right) {
    double sum = 0;
    for (int y = (int) top; y < side && y < bottom; y++) {
      double height = Math.min(y + 1, bottom) - Math.max(y, top);
      for (int x = (int) left; x < side && x < right; x++) {
        double width = Math.min(x + 1, right) - Math.max(x, left);
        sum += height * width * image[from + y * side + x];
      }
    }
    return sum;
  }
}
