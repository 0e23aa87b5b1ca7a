package stream.adasim.learner.objective;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;

/**
 * How the state of training is written: a version, the objective, the layout, numbers,
 * little-endian tensors. Version 1 is DINO's, without the objective's name and the size of its
 * centre.
 */
final class StateFormat {
  private static final int VERSION = 2;
  private static final int CHUNK = 16_384;
  private static final String CURE =
      "; start with the objective and architecture that the checkpoint was written with, or without"
          + " a checkpoint";

  private StateFormat() {}

  static void writeHeader(Objective objective, ParameterLayout layout, DataOutput out)
      throws IOException {
    out.writeInt(VERSION);
    out.writeUTF(objective.setting());
    List<Slice> slices = layout.slices();
    out.writeInt(slices.size());
    for (Slice slice : slices) {
      out.writeUTF(slice.name());
      out.writeUTF(slice.shape().toString());
    }
  }

  /** Reads what {@link #writeHeader} wrote and compares; returns the version. */
  static int checkHeader(Objective objective, ParameterLayout layout, DataInput in)
      throws IOException {
    int version = in.readInt();
    Objective found = readObjective(version, in);
    if (found != objective) {
      throw new IOException(
          "state was written with objective="
              + found.setting()
              + "; expected "
              + objective.setting()
              + CURE);
    }
    checkLayout(layout, in);
    return version;
  }

  static Objective readObjective(int version, DataInput in) throws IOException {
    if (version < 1 || version > VERSION) {
      throw new IOException("state has version=" + version + "; expected 1.." + VERSION + CURE);
    }
    try {
      return version == 1 ? Objective.DINO : Objective.of(in.readUTF());
    } catch (IllegalArgumentException e) {
      throw new IOException("state can't be read: " + e.getMessage() + CURE, e);
    }
  }

  /** Reads the size of what an objective keeps and compares. */
  static void checkSize(int version, long expected, DataInput in) throws IOException {
    int found = version == 1 ? Math.toIntExact(expected) : in.readInt();
    if (found != expected) {
      throw new IOException(
          "state holds " + found + " numbers of the objective's own; expected " + expected + CURE);
    }
  }

  static void checkLayout(ParameterLayout layout, DataInput in) throws IOException {
    List<Slice> slices = layout.slices();
    int found = in.readInt();
    for (int i = 0; i < Math.min(found, slices.size()); i++) {
      String name = in.readUTF();
      String shape = in.readUTF();
      Slice slice = slices.get(i);
      if (!name.equals(slice.name()) || !shape.equals(slice.shape().toString())) {
        throw new IOException(
            "state holds parameter="
                + name
                + " of shape "
                + shape
                + " where "
                + slice.name()
                + " of shape "
                + slice.shape()
                + " was expected"
                + CURE);
      }
    }
    if (found != slices.size()) {
      throw new IOException(
          "state holds " + found + " parameters; expected " + slices.size() + CURE);
    }
  }

  static void write(Tensor tensor, DataOutput out) throws IOException {
    float[] floats = new float[CHUNK];
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < tensor.size(); done += CHUNK) {
      int length = (int) Math.min(CHUNK, tensor.size() - done);
      tensor.read(done, floats, 0, length);
      bytes.asFloatBuffer().put(floats, 0, length);
      out.write(bytes.array(), 0, length * Float.BYTES);
    }
  }

  static void read(Tensor tensor, DataInput in) throws IOException {
    float[] floats = new float[CHUNK];
    byte[] bytes = new byte[CHUNK * Float.BYTES];
    for (long done = 0; done < tensor.size(); done += CHUNK) {
      int length = (int) Math.min(CHUNK, tensor.size() - done);
      read(in, bytes, floats, 0, length);
      tensor.write(done, floats, 0, length);
    }
  }

  static float[] read(int size, DataInput in) throws IOException {
    float[] floats = new float[size];
    byte[] bytes = new byte[CHUNK * Float.BYTES];
    for (int done = 0; done < size; done += CHUNK) {
      read(in, bytes, floats, done, Math.min(CHUNK, size - done));
    }
    return floats;
  }

  private static void read(DataInput in, byte[] bytes, float[] floats, int offset, int length)
      throws IOException {
    in.readFully(bytes, 0, length * Float.BYTES);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(floats, offset, length);
  }
}
