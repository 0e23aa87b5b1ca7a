package stream.adasim.indexer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import stream.adasim.indexer.memory.Neighbour;

/**
 * How the indexer's own records are written, in stores and in topics that nobody else reads: big
 * endian, texts and vectors with their length before them.
 */
final class Wire {
  private Wire() {}

  /** Writes parts of a record. */
  @FunctionalInterface
  interface Writing {
    void to(DataOutput out) throws IOException;
  }

  /** Reads a record. */
  @FunctionalInterface
  interface Reading<T> {
    T from(DataInput in) throws IOException;
  }

  static byte[] write(Writing writing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try {
      writing.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  static <T> T read(byte[] bytes, Reading<T> reading) {
    try {
      return reading.from(new DataInputStream(new ByteArrayInputStream(bytes)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "found a record of %d bytes that ends too early: another version wrote it; start with a new application.id and state.dir"
              .formatted(bytes.length),
          e);
    }
  }

  static void writeText(DataOutput out, String text) throws IOException {
    byte[] utf8 = text.getBytes(UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  static String readText(DataInput in) throws IOException {
    byte[] utf8 = new byte[in.readInt()];
    in.readFully(utf8);
    return new String(utf8, UTF_8);
  }

  static void writeVector(DataOutput out, float[] vector) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES);
    bytes.asFloatBuffer().put(vector);
    out.writeInt(vector.length);
    out.write(bytes.array());
  }

  static float[] readVector(DataInput in) throws IOException {
    float[] vector = new float[in.readInt()];
    byte[] bytes = new byte[vector.length * Float.BYTES];
    in.readFully(bytes);
    ByteBuffer.wrap(bytes).asFloatBuffer().get(vector);
    return vector;
  }

  static void writeNeighbours(DataOutput out, List<Neighbour> neighbours) throws IOException {
    out.writeInt(neighbours.size());
    for (Neighbour neighbour : neighbours) {
      writeText(out, neighbour.id());
      out.writeLong(neighbour.fingerprint());
      out.writeFloat(neighbour.similarity());
    }
  }

  static List<Neighbour> readNeighbours(DataInput in) throws IOException {
    int size = in.readInt();
    List<Neighbour> neighbours = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      String id = readText(in);
      long fingerprint = in.readLong();
      neighbours.add(new Neighbour(id, fingerprint, in.readFloat()));
    }
    return neighbours;
  }
}
