package stream.adasim.ingest;

/**
 * Synthetic images to send.
 *
 * @param count how many
 * @param size side in pixels
 * @param seed what they are drawn from
 */
public record Drawings(int count, int size, long seed) {
  public static final int DEFAULT_SIZE = 48;
}
