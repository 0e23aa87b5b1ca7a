package stream.adasim.bench.search;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Which image comes when, with which vector: each of a pass once, with its first vector again in
 * the second pass, and so on in turn. Every contestant replaces the same vectors in the same order.
 */
final class VectorStream implements AutoCloseable {
  /** Prime, so that a pass meets every image once, unless their number is a multiple of it. */
  static final long STRIDE = 7919;

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int rows;
  private final int dimension;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] versions = new MemorySegment[2];
  private int[] positions = new int[0]; // of each image in a pass
  private long at;

  VectorStream(Path folder, int rows, int dimension) throws IOException {
    this.rows = rows;
    this.dimension = dimension;
    for (int version = 0; version < 2; version++) {
      try (FileChannel file =
          FileChannel.open(folder.resolve(version + ".f32"), StandardOpenOption.READ)) {
        versions[version] = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena);
      }
    }
  }

  int rows() {
    return rows;
  }

  /** The next image. */
  int image() {
    return (int) (at * STRIDE % rows);
  }

  /** The next image's vector. */
  float[] vector() {
    return vector(image(), (int) (1 - at / rows % 2));
  }

  void advance(long count) {
    at += count;
  }

  /** The vector that an image has now. */
  float[] current(int image) {
    long passes = at / rows;
    boolean changed = positions()[image] < at % rows;
    return vector(image, (int) ((passes + (changed ? 1 : 0)) % 2));
  }

  private int[] positions() {
    if (positions.length == 0) {
      positions = new int[rows];
      for (int i = 0; i < rows; i++) {
        positions[(int) (i * STRIDE % rows)] = i;
      }
    }
    return positions;
  }

  /** The vector that an image has before anything is replaced. */
  float[] first(int image) {
    return vector(image, 0);
  }

  private float[] vector(int image, int version) {
    float[] vector = new float[dimension];
    MemorySegment.copy(
        versions[version], FLOAT, (long) image * dimension * Float.BYTES, vector, 0, dimension);
    return vector;
  }

  @Override
  public void close() {
    arena.close();
  }
}
