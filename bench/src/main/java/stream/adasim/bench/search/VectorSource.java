package stream.adasim.bench.search;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import stream.adasim.bench.InputException;

/** Where the vectors of a bank come from; its name is what it is as a string. */
sealed interface VectorSource permits Vectors, LearnedVectors {
  /** Sizes that are measured where none are asked for. */
  List<Size> sizes(boolean quick);

  /**
   * What is asked for, with a dimension.
   *
   * @throws InputException where this source has no bank of that size
   */
  Size fit(Size asked);

  /** Writes 0.f32 and 1.f32, each (rows, dimension) in little endian, of unit length. */
  void write(Path folder, Size size) throws IOException;

  /** Writes a vector, brought to unit length. */
  static void write(OutputStream out, float[] vector) throws IOException {
    double length = length(vector);
    ByteBuffer floats =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float x : vector) {
      floats.putFloat((float) (x / length));
    }
    out.write(floats.array());
  }

  static double length(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    return Math.sqrt(squares);
  }
}
