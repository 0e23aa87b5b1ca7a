package stream.adasim.schemas.wire;

import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;

/**
 * Walks over a record without making anything of it. Avro allocates what a length or count in the
 * bytes asks for, so that a few forged ones could take all memory; here each must lie within the
 * value.
 */
final class WholeRecord {
  private final BinaryDecoder in;
  private final int bytes;

  private WholeRecord(byte[] value) {
    this.in = WireFormat.decoder(value);
    this.bytes = value.length;
  }

  /**
   * Returns if the value holds one record of the schema, and nothing after it.
   *
   * @throws IOException if it doesn't; rotten bytes may lead to runtime exceptions too
   */
  static void require(Schema writer, byte[] value) throws IOException {
    WholeRecord record = new WholeRecord(value);
    record.walk(writer);
    if (!record.in.isEnd()) {
      throw new IOException("bytes are left over after the record");
    }
  }

  private void walk(Schema schema) throws IOException {
    switch (schema.getType()) {
      case RECORD -> {
        for (Schema.Field field : schema.getFields()) {
          walk(field.schema());
        }
      }
      case ARRAY -> {
        for (long n = in.readArrayStart(); n != 0; n = in.arrayNext()) {
          items(within(n), schema.getElementType());
        }
      }
      case MAP -> {
        for (long n = in.readMapStart(); n != 0; n = in.mapNext()) {
          for (int left = within(n); left > 0; left--) {
            in.skipFixed(within(in.readLong()));
            walk(schema.getValueType());
          }
        }
      }
      case UNION -> walk(schema.getTypes().get(in.readIndex()));
      case STRING, BYTES -> in.skipFixed(within(in.readLong()));
      case FIXED -> in.skipFixed(schema.getFixedSize());
      case INT, ENUM -> in.readInt();
      case LONG -> in.readLong();
      case FLOAT -> in.skipFixed(Float.BYTES);
      case DOUBLE -> in.skipFixed(Double.BYTES);
      case BOOLEAN -> in.skipFixed(1);
      case NULL -> in.readNull();
    }
  }

  private void items(int count, Schema item) throws IOException {
    if (item.getType() == Schema.Type.FLOAT) {
      // A vector in one stride.
      in.skipFixed(within((long) count * Float.BYTES));
      return;
    }
    for (int left = count; left > 0; left--) {
      walk(item);
    }
  }

  /** Everything that is counted takes a byte at least. */
  private int within(long count) throws IOException {
    if (count < 0 || count > bytes) {
      throw new IOException("a length or count of " + count + " is beyond the value");
    }
    return (int) count;
  }
}
