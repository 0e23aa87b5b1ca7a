package stream.adasim.indexer.memory;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One image's place in the memory, as the store and its changelog hold it. Big endian: format (1),
 * fingerprint (8), model hash (8), sequence (8), visit (4), time of capture in milliseconds (8),
 * source and label, each as length (4, -1 for none) and UTF-8, then the vector (4 D).
 */
public final class Memory {
  private static final byte FORMAT = 2;
  private static final int FIXED = 1 + 4 * Long.BYTES + 3 * Integer.BYTES;

  /**
   * Where an image comes from, for filters and exclusions.
   *
   * @param label its class, where somebody knows it
   */
  public record Origin(String source, @Nullable String label, Instant capturedAt) {}

  private final long fingerprint;
  private final long model;
  private final long sequence;
  private final int visit;
  private final Origin origin;
  private final float[] vector;

  /**
   * @param sequence rises with every write of a store: the lowest was written longest ago
   * @param visit number of the visit that wrote the vector
   * @param origin what else is known of the image
   * @param vector kept, not copied
   */
  public Memory(
      long fingerprint, long model, long sequence, int visit, Origin origin, float[] vector) {
    this.fingerprint = fingerprint;
    this.model = model;
    this.sequence = sequence;
    this.visit = visit;
    this.origin = origin;
    this.vector = vector;
  }

  public long fingerprint() {
    return fingerprint;
  }

  public long model() {
    return model;
  }

  public long sequence() {
    return sequence;
  }

  public int visit() {
    return visit;
  }

  public Origin origin() {
    return origin;
  }

  public float[] vector() {
    return vector;
  }

  public byte[] encode() {
    byte[] source = origin.source().getBytes(UTF_8);
    byte @Nullable [] label = origin.label() == null ? null : origin.label().getBytes(UTF_8);
    int texts = source.length + (label == null ? 0 : label.length);
    ByteBuffer buffer = ByteBuffer.allocate(FIXED + texts + vector.length * Float.BYTES);
    buffer.put(FORMAT).putLong(fingerprint).putLong(model).putLong(sequence).putInt(visit);
    buffer.putLong(origin.capturedAt().toEpochMilli());
    buffer.putInt(source.length).put(source);
    buffer.putInt(label == null ? -1 : label.length);
    if (label != null) {
      buffer.put(label);
    }
    buffer.asFloatBuffer().put(vector);
    return buffer.array();
  }

  /**
   * Reads what {@link #encode} made.
   *
   * @throws IllegalArgumentException if something else made it
   */
  public static Memory decode(byte[] value) {
    ByteBuffer buffer = ByteBuffer.wrap(value);
    if (value.length <= FIXED || buffer.get() != FORMAT) {
      throw new IllegalArgumentException(
          "found a memory entry of %d bytes that isn't of format %d: another version wrote it; start with a new application.id and state.dir"
              .formatted(value.length, FORMAT));
    }
    long fingerprint = buffer.getLong();
    long model = buffer.getLong();
    long sequence = buffer.getLong();
    int visit = buffer.getInt();
    Instant capturedAt = Instant.ofEpochMilli(buffer.getLong());
    String source = text(buffer, buffer.getInt());
    int label = buffer.getInt();
    Origin origin = new Origin(source, label < 0 ? null : text(buffer, label), capturedAt);
    float[] vector = new float[buffer.remaining() / Float.BYTES];
    buffer.asFloatBuffer().get(vector);
    return new Memory(fingerprint, model, sequence, visit, origin, vector);
  }

  private static String text(ByteBuffer buffer, int length) {
    byte[] utf8 = new byte[length];
    buffer.get(utf8);
    return new String(utf8, UTF_8);
  }
}
