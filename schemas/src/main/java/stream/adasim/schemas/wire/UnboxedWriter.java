package stream.adasim.schemas.wire;

import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.PrimitivesArrays.FloatArray;
import org.apache.avro.io.Encoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;

/** Avro's writer, which boxes every element of an array, except for float arrays. */
final class UnboxedWriter<T> extends SpecificDatumWriter<T> {
  UnboxedWriter(Schema schema, SpecificData data) {
    super(schema, data);
  }

  @Override
  protected void writeArray(Schema schema, Object datum, Encoder out) throws IOException {
    if (!(datum instanceof FloatArray floats)
        || schema.getElementType().getType() != Schema.Type.FLOAT) {
      super.writeArray(schema, datum, out);
      return;
    }
    int size = floats.size();
    out.writeArrayStart();
    out.setItemCount(size);
    for (int i = 0; i < size; i++) {
      out.startItem();
      out.writeFloat(floats.getFloat(i));
    }
    out.writeArrayEnd();
  }
}
