package stream.adasim.compute;

/**
 * Extents of a square convolution: b images, c channels of h x w in, o channels of down x across
 * out, kernel k, and how it steps.
 *
 * @param b images
 * @param c channels in
 * @param h rows in
 * @param w columns in
 * @param o channels out
 * @param down rows out, floor((h + 2 padding - k) / stride) + 1
 * @param across columns out, likewise
 * @param k rows and columns of a filter
 * @param stride pixels from one position to the next
 * @param padding zeros around the image
 */
public record ConvolutionShape(
    int b, int c, int h, int w, int o, int down, int across, int k, int stride, int padding) {

  /**
   * Reads the extents off the larger tensors of a call.
   *
   * @param name of x in messages
   * @param x (B, H, W, C): the inputs or their gradient
   * @param weight name of w in messages
   * @param w (O, C, k, k): the filters or their gradient
   * @throws IllegalArgumentException naming what does not fit
   */
  public static ConvolutionShape of(
      String kernel, String name, Tensor x, String weight, Tensor w, int stride, int padding) {
    Shapes.require(
        stride >= 1 && padding >= 0,
        kernel,
        "stride=" + stride + ", padding=" + padding,
        "1, 0 or more");
    if (x.rank() != 4) {
      throw Shapes.wrong(kernel, name, x, "(B, H, W, C)");
    }
    int c = x.extent(3);
    if (w.rank() != 4 || w.extent(1) != c || w.extent(2) != w.extent(3)) {
      throw Shapes.wrong(kernel, weight, w, "(O, " + c + ", k, k)");
    }
    int k = w.extent(2);
    int margin = Math.multiplyExact(2, padding);
    int rows = Math.addExact(x.extent(1), margin) - k;
    int columns = Math.addExact(x.extent(2), margin) - k;
    if (rows < 0 || columns < 0) {
      throw Shapes.wrong(kernel, name, x, "H and W of " + (k - margin) + " or more");
    }
    int down = rows / stride + 1;
    int across = columns / stride + 1;
    return new ConvolutionShape(
        x.extent(0), c, x.extent(1), x.extent(2), w.extent(0), down, across, k, stride, padding);
  }

  /** The same with fewer images. */
  public ConvolutionShape images(int fewer) {
    return new ConvolutionShape(fewer, c, h, w, o, down, across, k, stride, padding);
  }

  /** Elements of an image that comes in. */
  public long input() {
    return (long) h * w * c;
  }

  /** Elements of an image that goes out. */
  public long output() {
    return (long) down * across * o;
  }

  /** Elements of all filters. */
  public int weights() {
    return Math.multiplyExact(Math.multiplyExact(o, c), k * k);
  }
}
