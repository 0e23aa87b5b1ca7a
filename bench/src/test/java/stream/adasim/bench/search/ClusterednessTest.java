package stream.adasim.bench.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterednessTest {
  private static final int DIMENSION = 64;

  @TempDir Path folder;

  @Test
  void oneBlobForEachCentroidIsNearOne() throws IOException {
    assertThat(of(blobs(32, 32, 0.02f))).isGreaterThan(0.95);
  }

  @Test
  void noiseOfManyDimensionsIsNearZero() throws IOException {
    assertThat(of(blobs(4096, 1, 0))).isBetween(-0.05, 0.1);
  }

  @Test
  void widerBlobsAreLessClustered() throws IOException {
    double narrow = of(blobs(32, 32, 0.02f));
    double wide = of(blobs(32, 32, 1));
    assertThat(wide).isBetween(0.2, narrow - 0.2);
  }

  @Test
  void theSameVectorsGiveTheSameNumber() throws IOException {
    float[][] rows = blobs(32, 32, 0.5f);
    assertThat(of(rows)).isEqualTo(of(rows));
  }

  @Test
  void explainsWhatLiesOnTheCentroidsAndNothingByTheMean() {
    float[][] rows = {{0, 0}, {0, 2}, {4, 0}, {4, 2}};
    assertThat(Clusteredness.explained(rows, rows)).isEqualTo(1);
    assertThat(Clusteredness.explained(rows, new float[][] {{2, 1}})).isZero();
    assertThat(Clusteredness.explained(rows, new float[][] {{0, 1}, {4, 1}})).isEqualTo(0.8);
  }

  @Test
  void rowsThatAreAllTheSameAreExplained() {
    float[][] rows = {{1, 2}, {1, 2}, {1, 2}};
    float[][] centroids = Clusteredness.fit(rows, 2, new Random(1));
    assertThat(Clusteredness.explained(rows, centroids)).isEqualTo(1);
  }

  /** Of a bank of these, through the files that all contestants read. */
  private double of(float[][] rows) throws IOException {
    List<float[]> vectors = Arrays.asList(rows);
    Size size = new Size(rows.length, rows[0].length);
    new LearnedVectors(vectors, vectors).write(folder, size);
    try (VectorStream stream = new VectorStream(folder, size.rows(), size.dimension())) {
      return Clusteredness.of(stream);
    }
  }

  private static float[][] blobs(int blobs, int each, float spread) {
    Random random = new Random(5);
    float[][] centres = noise(blobs, random);
    float[][] rows = noise(blobs * each, random);
    for (int row = 0; row < rows.length; row++) {
      for (int d = 0; d < DIMENSION; d++) {
        rows[row][d] = centres[row % blobs][d] + spread * rows[row][d];
      }
    }
    return rows;
  }

  private static float[][] noise(int rows, Random random) {
    return IntStream.range(0, rows)
        .mapToObj(
            row -> {
              float[] vector = new float[DIMENSION];
              for (int d = 0; d < DIMENSION; d++) {
                vector[d] = (float) random.nextGaussian();
              }
              return vector;
            })
        .toArray(float[][]::new);
  }
}
