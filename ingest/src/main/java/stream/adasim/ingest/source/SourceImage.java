package stream.adasim.ingest.source;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image, still encoded.
 *
 * @param id stable: the same file, entry or record gets the same id each time it is read
 * @param bytes the encoded file, unchanged; position 0 to limit
 * @param mediaType what the first bytes say, such as {@code image/png}
 * @param capturedAt the time that the source itself keeps (modification time), where it keeps one
 * @param source what it was read from: the folder's, archive's or file's name
 * @param label the class, where the source knows it
 * @param attributes whatever else is known
 */
public record SourceImage(
    String id,
    ByteBuffer bytes,
    String mediaType,
    @Nullable Instant capturedAt,
    String source,
    @Nullable String label,
    Map<String, String> attributes)
    implements Item {

  /** The same image with a source of its own. */
  public SourceImage of(String ownSource) {
    return new SourceImage(id, bytes, mediaType, capturedAt, ownSource, label, attributes);
  }

  /**
   * A folder above an image, with all that are above it; empty where there are fewer.
   *
   * @param level 1 for the folder that the image lies in, 2 for the one above that
   */
  public static Optional<String> folder(String id, int level) {
    int end = id.length();
    for (int above = 0; above < level; above++) {
      end = id.lastIndexOf('/', end - 1);
      if (end < 0) {
        return Optional.empty();
      }
    }
    return Optional.of(id.substring(0, end));
  }

  @Override
  public String name() {
    return id;
  }
}
