package stream.adasim.learner.window;

import org.jspecify.annotations.Nullable;
import stream.adasim.learner.decode.RgbImage;

/**
 * Pixels that the window keeps beside the encoded images, so that a visit need not decode again:
 * first come, first kept, as long as there is room. Not thread-safe.
 */
final class DecodedPixels {
  private final long maxBytes;
  private long bytes;

  DecodedPixels(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** The image with its pixels, where there is room for them. */
  WindowImage keep(WindowImage image, @Nullable RgbImage pixels) {
    if (pixels == null || pixels.pixels().length > maxBytes - bytes) {
      return image.withPixels(null);
    }
    bytes += pixels.pixels().length;
    return image.withPixels(pixels);
  }

  /** Makes room: an image leaves the window. */
  void release(WindowImage image) {
    RgbImage pixels = image.pixels();
    bytes -= pixels == null ? 0 : pixels.pixels().length;
  }
}
