package stream.adasim.indexer.memory;

import java.nio.ByteBuffer;

/**
 * One image's place in the memory, as the store and its changelog hold it. Big endian: fingerprint
 * (8), model hash (8), sequence (8), visit (4), then the vector (4 D).
 */
public final class Memory {
  private static final int HEADER = 3 * Long.BYTES + Integer.BYTES;

  private final long fingerprint;
  private final long model;
  private final long sequence;
  private final int visit;
  private final float[] vector;

  /**
   * @param sequence rises with every write of a partition: the lowest was written longest ago
   * @param visit number of the visit that wrote the vector
   * @param vector kept, not copied
   */
  public Memory(long fingerprint, long model, long sequence, int visit, float[] vector) {
    this.fingerprint = fingerprint;
    this.model = model;
    this.sequence = sequence;
    this.visit = visit;
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

  public float[] vector() {
    return vector;
  }

  public byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(HEADER + vector.length * Float.BYTES);
    buffer.putLong(fingerprint).putLong(model).putLong(sequence).putInt(visit);
    buffer.asFloatBuffer().put(vector);
    return buffer.array();
  }

  public static Memory decode(byte[] value) {
    if (value.length <= HEADER || (value.length - HEADER) % Float.BYTES != 0) {
      throw new IllegalArgumentException(
          "found a memory entry of %d bytes, expected %d and a multiple of %d; the changelog was written by something else"
              .formatted(value.length, HEADER, Float.BYTES));
    }
    ByteBuffer buffer = ByteBuffer.wrap(value);
    long fingerprint = buffer.getLong();
    long model = buffer.getLong();
    long sequence = buffer.getLong();
    int visit = buffer.getInt();
    float[] vector = new float[(value.length - HEADER) / Float.BYTES];
    buffer.asFloatBuffer().get(vector);
    return new Memory(fingerprint, model, sequence, visit, vector);
  }
}
