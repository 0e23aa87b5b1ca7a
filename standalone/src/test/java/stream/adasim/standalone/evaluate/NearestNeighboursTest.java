package stream.adasim.standalone.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;

class NearestNeighboursTest {
  private static final Kernels KERNELS = Backends.open("auto", 1);
  private static final int DIM = 6;
  private static final int CLASSES = 4;

  @AfterAll
  static void close() {
    KERNELS.close();
  }

  private static Vectors drawn(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n * DIM];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextInt(CLASSES);
      double squares = 0;
      for (int d = 0; d < DIM; d++) {
        double centre = d == labels[i] ? 1 : 0;
        values[i * DIM + d] = (float) (centre + random.nextGaussian());
        squares += values[i * DIM + d] * values[i * DIM + d];
      }
      for (int d = 0; d < DIM; d++) {
        values[i * DIM + d] /= (float) Math.sqrt(squares);
      }
    }
    return new Vectors(values, DIM, labels);
  }

  /** The rule written down plainly. */
  private static int plain(Vectors bank, float[] query, int k, double temperature) {
    record Near(double cosine, int label) {}
    List<Near> all = new ArrayList<>();
    for (int i = 0; i < bank.count(); i++) {
      double cosine = 0;
      for (int d = 0; d < DIM; d++) {
        cosine += (double) bank.values()[i * DIM + d] * query[d];
      }
      all.add(new Near(cosine, bank.labels()[i]));
    }
    all.sort(Comparator.comparingDouble(Near::cosine).reversed());
    double[] scores = new double[CLASSES];
    all.stream()
        .limit(k)
        .forEach(near -> scores[near.label()] += Math.exp(near.cosine() / temperature));
    int best = 0;
    for (int c = 1; c < CLASSES; c++) {
      best = scores[c] > scores[best] ? c : best;
    }
    return best;
  }

  @Test
  void agreesWithTheRuleWrittenDownPlainly() {
    Vectors bank = drawn(120, 1);
    Vectors queries = drawn(300, 2);
    for (int k : new int[] {1, 20, 500}) {
      int[] found = NearestNeighbours.classify(KERNELS, bank, queries.values(), CLASSES, k, 0.07);
      for (int i = 0; i < queries.count(); i++) {
        float[] query = Arrays.copyOfRange(queries.values(), i * DIM, (i + 1) * DIM);
        assertThat(found[i]).as("k=%d query %d", k, i).isEqualTo(plain(bank, query, k, 0.07));
      }
    }
  }
}
