package stream.adasim.learner.window;

import org.jspecify.annotations.Nullable;
import stream.adasim.learner.decode.RgbImage;

/**
 * One image of the replay window as it was when it was handed out: immutable, so that it may go to
 * other threads.
 *
 * @param bytes the encoded file; shared with the window, never to be written to
 * @param fingerprint of the bytes
 * @param partition of the image in the images topic
 * @param offset of the image in the images topic: of its newest record, where it was sent again
 * @param capturedAt milliseconds since the epoch
 * @param visits how often the id was handed out for training, this time included: the number of the
 *     visit. Grows through a replacement of the content.
 * @param visitsOfContent how often this content was handed out, this time included
 * @param pixels as the decoder left them for the views of this training, or null where there was no
 *     room to keep them
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are shared on purpose; identity is the id's
public record WindowImage(
    String id,
    byte[] bytes,
    long fingerprint,
    int partition,
    long offset,
    String source,
    @Nullable String label,
    long capturedAt,
    int visits,
    int visitsOfContent,
    @Nullable RgbImage pixels) {

  /** The same content at other coordinates, with other counts. */
  WindowImage with(int partition, long offset, int visits, int visitsOfContent) {
    return with(partition, offset, visits, visitsOfContent, pixels);
  }

  WindowImage withVisits(int visits, int visitsOfContent) {
    return with(partition, offset, visits, visitsOfContent, pixels);
  }

  WindowImage withPixels(@Nullable RgbImage pixels) {
    return with(partition, offset, visits, visitsOfContent, pixels);
  }

  private WindowImage with(
      int partition, long offset, int visits, int visitsOfContent, @Nullable RgbImage pixels) {
    return new WindowImage(
        id,
        bytes,
        fingerprint,
        partition,
        offset,
        source,
        label,
        capturedAt,
        visits,
        visitsOfContent,
        pixels);
  }
}
