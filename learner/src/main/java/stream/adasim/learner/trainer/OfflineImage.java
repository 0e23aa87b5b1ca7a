package stream.adasim.learner.trainer;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.decode.RgbImage;

/**
 * An image for an {@link OfflineTraining}.
 *
 * @param bytes the encoded file; never to be written to
 * @param pixels the same, decoded for views of the training's size
 * @param label its class, where it is known
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose; identity is the id's
public record OfflineImage(
    String id,
    byte[] bytes,
    RgbImage pixels,
    String source,
    @Nullable String label,
    Instant capturedAt) {}
