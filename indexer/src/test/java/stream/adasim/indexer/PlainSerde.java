package stream.adasim.indexer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/** Avro's binary form alone: what these tests need no registry for. */
final class PlainSerde {
  private PlainSerde() {}

  static <T extends SpecificRecord> Serde<T> of(Class<T> type) {
    SpecificData data = SpecificData.getForClass(type);
    Schema schema = data.getSchema(type);
    SpecificDatumWriter<T> writer = new SpecificDatumWriter<>(schema, data);
    SpecificDatumReader<T> reader = new SpecificDatumReader<>(schema, schema, data);
    return Serdes.serdeFrom(
        (topic, record) -> record == null ? null : write(writer, record),
        (topic, bytes) -> bytes == null ? null : read(reader, bytes));
  }

  private static <T> byte[] write(SpecificDatumWriter<T> writer, T record) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      writer.write(record, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException e) {
      throw new SerializationException(e);
    }
  }

  private static <T> @Nullable T read(SpecificDatumReader<T> reader, byte[] bytes) {
    try {
      return reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    } catch (IOException e) {
      throw new SerializationException("found bytes that aren't what the schema says", e);
    }
  }
}
