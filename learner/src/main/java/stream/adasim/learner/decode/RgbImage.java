package stream.adasim.learner.decode;

/**
 * A decoded image: 8-bit sRGB, upright, without alpha.
 *
 * @param pixels red, green, blue of each pixel, row by row from the top: height * width * 3 bytes,
 *     unsigned; never to be written to
 */
@SuppressWarnings("ArrayRecordComponent") // a hot path reads the array; images aren't compared
public record RgbImage(int width, int height, byte[] pixels) {
  public RgbImage {
    if (width < 1 || height < 1 || pixels.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "An image of %d x %d needs %d bytes (height * width * 3), found %d"
              .formatted(width, height, 3L * width * height, pixels.length));
    }
  }
}
