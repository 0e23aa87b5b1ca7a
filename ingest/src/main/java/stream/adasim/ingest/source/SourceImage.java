package stream.adasim.ingest.source;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
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

  @Override
  public String name() {
    return id;
  }
}
