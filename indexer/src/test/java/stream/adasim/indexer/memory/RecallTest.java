package stream.adasim.indexer.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.Drawn;

class RecallTest {
  private static final long MODEL = 11;
  private static final int IMAGES = 5000;
  private static final int DIMENSION = 96;
  private static final int BATCH = 64;
  private static final int K = 10;

  private final Random random = new Random(3);

  /** Every eighth coordinate is large; after three passes it is those beside them. */
  private float[] drawn(int time) {
    double turn = Math.PI / 2 * time / (3 * IMAGES);
    float[] vector = new float[DIMENSION];
    for (int c = 0; c < DIMENSION; c++) {
      double large = c % 8 == 0 ? Math.cos(turn) : c % 8 == 1 ? Math.sin(turn) : 0;
      vector[c] = (float) (random.nextGaussian() * Math.max(0.2, large));
    }
    return Drawn.normalized(vector);
  }

  private static Set<String> nearest(float[][] vectors, float[] query) {
    double[] products = new double[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      for (int c = 0; c < DIMENSION; c++) {
        products[i] += (double) query[c] * vectors[i][c];
      }
    }
    double[] sorted = products.clone();
    Arrays.sort(sorted);
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < IMAGES; i++) {
      if (products[i] >= sorted[IMAGES - K]) {
        ids.add(Integer.toString(i));
      }
    }
    return ids;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.99, 0.9})
  void staysAboveWhatIsAskedWhileVectorsMove(double least) {
    try (Kernels kernels = Backends.open("auto", 1)) {
      Bank bank = new Bank(kernels, IMAGES, least);
      BankStore store = BankTest.store(bank, 0);
      float[][] vectors = new float[IMAGES][];
      int time = 0;
      for (int i = 0; i < IMAGES; i++) {
        vectors[i] = drawn(time);
        BankTest.put(store, Integer.toString(i), MODEL, time, vectors[i]);
      }
      assertThat(bank.recall()).isEmpty();
      long found = 0;
      long wanted = 0;
      for (int batch = 0; batch < 3 * IMAGES / BATCH; batch++) {
        List<Query> queries = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
          queries.add(Query.of(drawn(time)));
        }
        List<List<Neighbour>> answers = bank.search(MODEL, queries, K);
        // Not every query, to be soon done.
        for (int i = batch % 8; i < BATCH; i += 8) {
          Set<String> expected = nearest(vectors, queries.get(i).vector());
          assertThat(answers.get(i)).hasSize(K);
          found += answers.get(i).stream().filter(each -> expected.contains(each.id())).count();
          wanted += K;
        }
        for (int i = 0; i < BATCH; i++) {
          int image = time++ % IMAGES;
          vectors[image] = queries.get(i).vector();
          BankTest.put(store, Integer.toString(image), MODEL, time, vectors[image]);
        }
      }

      double recall = (double) found / wanted;
      assertThat(recall).isBetween(least, 1 - 1e-5);
      assertThat(bank.recall().orElseThrow()).isCloseTo(recall, within((1 - least) / 2));
    }
  }

  @Test
  void comparesAllAtFirstAndThenOneInAHundred() {
    Recall recall = new Recall(0.99);
    List<List<Neighbour>> ten = List.of(neighbours(10));
    int due = 0;
    for (int i = 0; i < 16; i++) {
      assertThat(recall.due(1, 5000)).isTrue();
      recall.compare(ten, ten);
    }
    for (int i = 0; i < 1000; i++) {
      due += recall.due(1, 5000) ? 1 : 0;
    }

    assertThat(due).isEqualTo(10);
    for (int i = 0; i < 19; i++) {
      assertThat(recall.due(1, 200)).isFalse();
    }
    assertThat(recall.due(1, 200)).as("a tenth of the vectors are others").isTrue();
  }

  @Test
  void growsMoreCautiousWithMissesAndLessSoWithout() {
    Recall recall = new Recall(0.9);
    double first = recall.caution();
    assertThat(recall.due(1, 5000)).isTrue();
    recall.compare(List.of(neighbours(10)), List.of(neighbours(10)));
    double less = recall.caution();
    assertThat(recall.measured()).hasValue(1);
    assertThat(recall.due(1, 5000)).isTrue();
    recall.compare(List.of(neighbours(7)), List.of(neighbours(10)));

    assertThat(less).isLessThan(first);
    assertThat(recall.caution()).isGreaterThan(less);
    assertThat(recall.measured().orElseThrow()).isCloseTo(0.85, within(1e-4));
  }

  @Test
  void countsABatchForAllThatItStandsFor() {
    Recall recall = new Recall(0.9);
    for (int i = 0; i < 16; i++) {
      assertThat(recall.due(1, 5000)).isTrue();
      recall.compare(List.of(neighbours(6)), List.of(neighbours(10)));
    }
    assertThat(recall.due(1, 5000)).as("after too many misses").isTrue();
    recall.compare(List.of(neighbours(10)), List.of(neighbours(10)));
    for (int i = 0; i < 99; i++) {
      assertThat(recall.due(1, 5000)).isFalse();
    }
    assertThat(recall.due(1, 5000)).isTrue();
    recall.compare(List.of(neighbours(9)), List.of(neighbours(10)));

    double before = 0.16 * 6 + 0.01 * 10;
    assertThat(recall.measured().orElseThrow())
        .isCloseTo((0.98 * before + 9) / (0.98 * 1.7 + 10), within(1e-3));
  }

  @Test
  void isExactWhereNothingMayBeMissed() {
    assertThat(new Recall(1).exact()).isTrue();
    assertThat(new Recall(1).misses()).isZero();
    assertThat(new Recall(0.999).exact()).isFalse();
  }

  private static List<Neighbour> neighbours(int count) {
    List<Neighbour> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Neighbour("image-" + i, 7, 1 - i / 100f));
    }
    return all;
  }
}
