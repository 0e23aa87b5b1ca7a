package stream.adasim.learner.decode;

/**
 * What an image may cost before it is refused unread.
 *
 * @param maxPixels width times height, as the header claims them
 * @param maxBytes of the encoded file
 */
public record DecodeLimits(long maxPixels, int maxBytes) {

  /** 50 million pixels, 8 MiB. */
  public static final DecodeLimits DEFAULT = new DecodeLimits(50_000_000, 8 << 20);

  /** Beyond this, three bytes per pixel don't fit one array. */
  private static final long MOST_PIXELS = (Integer.MAX_VALUE - 8) / 3;

  public DecodeLimits {
    if (maxPixels < 1 || maxPixels > MOST_PIXELS || maxBytes < 1) {
      throw new IllegalArgumentException(
          "maxPixels=%d must be within 1..%d and maxBytes=%d at least 1"
              .formatted(maxPixels, MOST_PIXELS, maxBytes));
    }
  }
}
