package stream.adasim.schemas.wire;

import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.PrimitivesArrays.FloatArray;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.ResolvingDecoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.jspecify.annotations.Nullable;

/**
 * Avro's reader, except that float arrays become primitive ones. Avro 1.12 has such arrays but
 * fills them element by boxed element, and its fast reader makes lists of boxed floats.
 */
final class UnboxedReader<T> extends SpecificDatumReader<T> {
  private final Schema writer;
  private final Schema reader;

  UnboxedReader(Schema writer, Schema reader, SpecificData data) {
    super(writer, reader, data);
    this.writer = writer;
    this.reader = reader;
  }

  /** Goes past the fast reader, which doesn't call {@link #readArray}. */
  @Override
  @SuppressWarnings("unchecked") // the expected schema is that of T
  public T read(@Nullable T reuse, Decoder in) throws IOException {
    ResolvingDecoder resolver = getResolver(writer, reader);
    resolver.configure(in);
    T record = (T) read(reuse, reader, resolver);
    resolver.drain();
    return record;
  }

  @Override
  protected Object readArray(@Nullable Object old, Schema expected, ResolvingDecoder in)
      throws IOException {
    if (expected.getElementType().getType() != Schema.Type.FLOAT) {
      return super.readArray(old, expected, in);
    }
    long block = in.readArrayStart();
    FloatArray floats = new FloatArray(Math.toIntExact(block), expected);
    for (; block > 0; block = in.arrayNext()) {
      for (long left = block; left > 0; left--) {
        floats.add(floats.size(), in.readFloat());
      }
    }
    return floats;
  }
}
