package stream.adasim.learner.records;

import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Image;
import stream.adasim.learner.decode.RgbImage;

/** What a record of the images topic turned out to be. */
public sealed interface Incoming {

  /** A decodable image. */
  record Arrival(String id, Image image, RgbImage pixels, long fingerprint) implements Incoming {}

  /** A tombstone: the image is to be deleted everywhere. */
  record Deleted(String id) implements Incoming {}

  /** Bad data; nothing of it can be used. */
  record Bad(String reason, @Nullable Throwable cause) implements Incoming {}
}
