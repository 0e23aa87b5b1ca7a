package stream.adasim.indexer.memory;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.indexer.Drawn;

class OutlinesTest {
  private static final int ROWS = 4200;

  private final Kernels kernels = Backends.open("auto", 1);
  private final Random random = new Random(5);

  @AfterEach
  void closeKernels() {
    kernels.close();
  }

  /** Vectors of unit length of which only so many coordinates are large. */
  private float[][] drawn(int count, int dimension, int large, float rest) {
    float[][] vectors = new float[count][];
    for (int i = 0; i < count; i++) {
      float[] vector = Drawn.unit(random, dimension);
      for (int c = 0; c < dimension; c++) {
        vector[c] *= c % (dimension / large) == 0 ? 1 : rest;
      }
      vectors[i] = Drawn.normalized(vector);
    }
    return vectors;
  }

  private Tensor tensor(float[][] vectors) {
    int d = vectors[0].length;
    Tensor tensor = kernels.allocate(vectors.length, d);
    for (int i = 0; i < vectors.length; i++) {
      tensor.write((long) i * d, vectors[i], 0, d);
    }
    return tensor;
  }

  @ParameterizedTest(name = "{0} coordinates, {1} of them large, the rest times {2}")
  @CsvSource({"64,8,0.05", "192,16,0", "192,12,0.001", "200,10,0.04"})
  void areNowhereBelowTheProductsOfTheVectors(int d, int large, float rest) {
    float[][] rows = drawn(ROWS, d, large, rest);
    Tensor vectors = tensor(rows);
    Directions.Fit fit =
        requireNonNull(
            new Directions(kernels, vectors, ROWS, 10, 0, 1).best(), "directions that pay");
    assertThat(fit.caution()).isEqualTo(1);
    Outlines outlines = new Outlines(kernels, fit.directions(), d, ROWS);
    outlines.update(vectors, ROWS);
    // Some that the directions were found for, themselves among the rows, and some of other kinds.
    float[][] queries = drawn(40, d, large, rest);
    for (int i = 0; i < 20; i++) {
      queries[i] = i < 10 ? rows[i * 400] : Drawn.unit(random, d);
      vectors.write((long) i * d, queries[i], 0, d);
      rows[i] = queries[i];
      outlines.changed(i);
    }
    outlines.update(vectors, ROWS);
    int p = outlines.rows().columns();
    float[] outlined = outlines.rows().toArray();
    float[] asked = outlines.of(tensor(queries), 1).toArray();

    for (int q = 0; q < queries.length; q++) {
      for (int row = 0; row < ROWS; row++) {
        double product = 0;
        for (int c = 0; c < d; c++) {
          product += (double) queries[q][c] * rows[row][c];
        }
        float bound = outlines.slack();
        for (int c = 0; c < p; c++) {
          bound += asked[q * p + c] * outlined[row * p + c];
        }
        assertThat((double) bound)
            .as("query %d row %d", q, row)
            .isGreaterThanOrEqualTo(product)
            .isLessThan(2.1);
      }
    }
  }

  @Test
  void areNotDrawnWhereTheyWouldSpareLittle() {
    Tensor everywhere = tensor(drawn(ROWS, 128, 128, 1));
    float[] one = Drawn.unit(random, 128);
    float[][] same = new float[ROWS][];
    Arrays.fill(same, one);

    assertThat(new Directions(kernels, everywhere, ROWS, 10, 0, 1).best()).isNull();
    assertThat(new Directions(kernels, tensor(same), ROWS, 10, 0, 1).best()).isNull();
  }
}
