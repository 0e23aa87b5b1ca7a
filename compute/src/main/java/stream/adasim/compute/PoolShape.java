package stream.adasim.compute;

/**
 * Extents of a pool over images (B, H, W, C): H' = floor((H + 2 padding - size) / stride) + 1, and
 * W' alike.
 *
 * @param b images
 * @param c channels
 * @param size side of a window
 */
public record PoolShape(
    int b, int c, int height, int width, int down, int across, int size, int stride, int padding) {

  /**
   * The shape of a pool, checked.
   *
   * @throws IllegalArgumentException if x is no images, stride is below 1, padding is negative or
   *     more than half of size, or the padded image is smaller than a window
   */
  public static PoolShape of(
      String kernel, String name, Tensor x, int size, int stride, int padding) {
    if (x.rank() != 4) {
      throw Shapes.wrong(kernel, name, x, "(B, H, W, C)");
    }
    Shapes.require(
        stride >= 1 && padding >= 0 && 2L * padding <= size,
        kernel,
        "size=" + size + ", stride=" + stride + ", padding=" + padding,
        "stride of 1 or more, padding of 0 to size / 2");
    int height = x.extent(1);
    int width = x.extent(2);
    int rows = height + 2 * padding - size;
    int columns = width + 2 * padding - size;
    if (rows < 0 || columns < 0) {
      throw Shapes.wrong(kernel, name, x, "H and W of " + (size - 2 * padding) + " or more");
    }
    return new PoolShape(
        x.extent(0),
        x.extent(3),
        height,
        width,
        rows / stride + 1,
        columns / stride + 1,
        size,
        stride,
        padding);
  }

  /** Shape of the outputs for these inputs. */
  public int[] outputs() {
    return new int[] {b, down, across, c};
  }
}
