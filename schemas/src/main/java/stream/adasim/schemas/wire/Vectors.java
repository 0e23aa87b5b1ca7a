package stream.adasim.schemas.wire;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.PrimitivesArrays.FloatArray;

/** Vectors to and from Avro arrays; a decoded array is primitive, and no float is boxed. */
public final class Vectors {
  private static final Schema FLOATS = Schema.createArray(Schema.create(Schema.Type.FLOAT));

  private Vectors() {}

  /** A copy as a primitive array, [list.size()]. */
  public static float[] toArray(List<Float> list) {
    float[] array = new float[list.size()];
    if (list instanceof FloatArray floats) {
      for (int i = 0; i < array.length; i++) {
        array[i] = floats.getFloat(i);
      }
    } else {
      for (int i = 0; i < array.length; i++) {
        array[i] = list.get(i);
      }
    }
    return array;
  }

  /** A copy as an Avro array, to be set on a record; a primitive array inside. */
  public static List<Float> of(float[] array) {
    FloatArray floats = new FloatArray(array.length, FLOATS);
    for (int i = 0; i < array.length; i++) {
      floats.add(i, array[i]);
    }
    return floats;
  }
}
