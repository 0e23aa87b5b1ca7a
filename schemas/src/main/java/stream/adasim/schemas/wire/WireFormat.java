package stream.adasim.schemas.wire;

import java.nio.ByteBuffer;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Confluent's wire format: a zero byte, the schema's id in four bytes big endian, Avro binary. */
final class WireFormat {
  static final int HEADER_BYTES = 5;
  private static final byte MAGIC = 0;

  private WireFormat() {}

  static byte[] header(int id) {
    return ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(id).array();
  }

  /**
   * The schema id of a value.
   *
   * @throws NotOurFormatException if it has no such header
   */
  static int id(String topic, byte[] value) {
    if (value.length < HEADER_BYTES) {
      throw new NotOurFormatException(
          "topic %s: found a value of %d bytes, expected at least %d (zero byte, schema id, record)"
              .formatted(topic, value.length, HEADER_BYTES));
    }
    if (value[0] != MAGIC) {
      throw new NotOurFormatException(
          "topic %s: found a value that begins with byte 0x%02x, expected 0x00 and a schema id;"
                  .formatted(topic, value[0])
              + " produce with a serialiser that uses the schema registry");
    }
    return ByteBuffer.wrap(value).getInt(1);
  }

  /** Reads what comes after the header. */
  static BinaryDecoder decoder(byte[] value) {
    return DecoderFactory.get()
        .binaryDecoder(value, HEADER_BYTES, value.length - HEADER_BYTES, null);
  }

  /** TopicNameStrategy. */
  static String subject(String topic, boolean isKey) {
    return topic + (isKey ? "-key" : "-value");
  }
}
