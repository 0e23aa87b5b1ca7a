package stream.adasim.bench.search;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import stream.adasim.bench.InputException;

/**
 * Drawn vectors of unit length in two versions, the second a little moved as a training model moves
 * them.
 *
 * <ul>
 *   <li>{@code unclustered}: directions without any structure;
 *   <li>{@code clustered}: around one of 1000 centres;
 *   <li>{@code low-rank}: in classes around a mean, with singular values that fall like those of
 *       learned embeddings.
 * </ul>
 */
enum Vectors implements VectorSource {
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

  /**
   * The kind of a name.
   *
   * @throws InputException where there is none
   */
  static Vectors named(String name) {
    return Arrays.stream(values())
        .filter(kind -> kind.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "--data=%s: expected unclustered, clustered, low-rank or learned"
                        .formatted(name)));
  }

  @Override
  public List<Size> sizes(boolean quick) {
    List<Size> all =
        List.of(new Size(16_384, 192), new Size(100_000, 384), new Size(1_000_000, 384));
    return quick ? all.subList(0, 2) : all;
  }

  @Override
  public Size fit(Size asked) {
    if (asked.dimension() == 0) {
      throw new InputException(
          "--sizes=%s: %s data need a dimension, as %dx192".formatted(asked, this, asked.rows()));
    }
    return asked;
  }

  @Override
  public void write(Path folder, Size size) throws IOException {
    int dimension = size.dimension();
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
    try (OutputStream first = Files.newOutputStream(folder.resolve("0.f32"));
        OutputStream second = Files.newOutputStream(folder.resolve("1.f32"))) {
      for (int row = 0; row < size.rows(); row++) {
        float[] vector = drawn(random, scale);
        for (int c = 0; c < dimension; c++) {
          vector[c] =
              vector[c] * spread + (this == UNCLUSTERED ? 0 : centres[row % centres.length][c]);
        }
        VectorSource.write(first, vector);
        float[] drift = drawn(random, scale);
        double step = DRIFT * VectorSource.length(vector) / VectorSource.length(drift);
        for (int c = 0; c < dimension; c++) {
          vector[c] += (float) (step * drift[c]);
        }
        VectorSource.write(second, vector);
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
}
