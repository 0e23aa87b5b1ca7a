package stream.adasim.compute;

/**
 * Extents of multi-head self-attention.
 *
 * @param b images
 * @param t tokens of an image
 * @param h heads
 * @param d columns of a head
 */
public record AttentionShape(int b, int t, int h, int d) {
  /**
   * Reads the extents off the input of a call.
   *
   * @param qkv (B T, 3 H d)
   * @throws IllegalArgumentException naming what does not fit
   */
  public static AttentionShape of(String kernel, Tensor qkv, int batch, int heads) {
    if (batch < 1 || heads < 1 || qkv.rows() % batch != 0 || qkv.columns() % (3 * heads) != 0) {
      throw Shapes.wrong(
          kernel,
          "qkv",
          qkv,
          "rows a multiple of batch=" + batch + ", columns of 3 heads=" + 3 * heads);
    }
    return new AttentionShape(batch, qkv.rows() / batch, heads, qkv.columns() / (3 * heads));
  }

  /** What scores are multiplied with, {@code 1 / sqrt(d)}. */
  public double scale() {
    return 1 / Math.sqrt(d);
  }

  /** Rows of qkv and of the output. */
  public long rows() {
    return (long) b * t;
  }

  /** Columns of the output, of all heads. */
  public int width() {
    return h * d;
  }

  /** Rows of the probabilities, of all images and heads. */
  public int queries() {
    return Math.multiplyExact(Math.multiplyExact(b, h), t);
  }
}
