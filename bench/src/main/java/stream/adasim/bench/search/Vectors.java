package stream.adasim.bench.search;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/**
 * Vectors of unit length in two versions, the second a little moved as a training model moves them.
 *
 * <ul>
 *   <li>{@code unclustered}: directions without any structure;
 *   <li>{@code clustered}: around one of 1000 centres;
 *   <li>{@code low-rank}: in classes around a mean, with singular values that fall like those of
 *       learned embeddings.
 * </ul>
 */
enum Vectors {
  UNCLUSTERED,
  CLUSTERED,
  LOW_RANK;

  private static final float DRIFT = 0.15f;

  /** How fast the standard deviation of a direction falls with its number. */
  private static final double DECAY = 1.25;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Writes 0.f32 and 1.f32, each (rows, dimension) in little endian. */
  void write(Path folder, int rows, int dimension) throws IOException {
    Random random = new Random(17);
    float[] scale = new float[dimension];
    for (int c = 0; c < dimension; c++) {
      scale[c] = this == LOW_RANK ? (float) Math.pow(c + 1, -DECAY) : 1;
    }
    float[][] centres = new float[this == LOW_RANK ? 100 : 1000][];
    for (int i = 0; i < centres.length; i++) {
      centres[i] = drawn(random, scale);
    }
    float spread =
        switch (this) {
          case UNCLUSTERED -> 1;
          case CLUSTERED -> 0.6f;
          case LOW_RANK -> 0.7f;
        };
    byte[] bytes = new byte[dimension * Float.BYTES];
    try (OutputStream first = Files.newOutputStream(folder.resolve("0.f32"));
        OutputStream second = Files.newOutputStream(folder.resolve("1.f32"))) {
      for (int row = 0; row < rows; row++) {
        float[] vector = drawn(random, scale);
        for (int c = 0; c < dimension; c++) {
          vector[c] =
              vector[c] * spread + (this == UNCLUSTERED ? 0 : centres[row % centres.length][c]);
        }
        write(first, bytes, vector);
        float[] drift = drawn(random, scale);
        double size = DRIFT * length(vector) / length(drift);
        for (int c = 0; c < dimension; c++) {
          vector[c] += (float) (size * drift[c]);
        }
        write(second, bytes, vector);
      }
    }
  }

  private static float[] drawn(Random random, float[] scale) {
    float[] vector = new float[scale.length];
    for (int c = 0; c < vector.length; c++) {
      vector[c] = (float) random.nextGaussian() * scale[c];
    }
    return vector;
  }

  private static double length(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    return Math.sqrt(squares);
  }

  private static void write(OutputStream out, byte[] bytes, float[] vector) throws IOException {
    double length = length(vector);
    ByteBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (float x : vector) {
      floats.putFloat((float) (x / length));
    }
    out.write(bytes);
  }
}
