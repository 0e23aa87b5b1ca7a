package stream.adasim.standalone.labelled;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.decode.RgbImage;

/**
 * One image of a data set.
 *
 * @param bytes the encoded file; never to be written to
 * @param pixels the same, decoded
 * @param label its class, where the source knows it
 * @param capturedAt what the source says, or else 1970
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose; identity is the id's
public record Example(
    String id,
    byte[] bytes,
    RgbImage pixels,
    String source,
    @Nullable String label,
    Instant capturedAt) {

  /** The same image of another source. */
  Example of(String otherSource) {
    return new Example(id, bytes, pixels, otherSource, label, capturedAt);
  }
}
