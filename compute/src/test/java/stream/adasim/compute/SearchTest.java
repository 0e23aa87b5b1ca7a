package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Backend.class)
class SearchTest {
  private final Kernels kernels;
  private final Numbers numbers;

  SearchTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 23);
  }

  /** Small whole numbers have exact products and many ties. */
  private double[] whole(int size) {
    return IntStream.range(0, size).mapToDouble(i -> numbers.below(5) - 2).toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1,1,1",
    "1,1,5,3,2",
    "3,4,9,9,4",
    "2,3,4,2,7",
    "5,7,100,77,10",
    "3,6,5000,4500,10",
    "2,6,9001,8192,5",
    "65,5,4097,4097,3",
    "1,192,300,300,10"
  })
  void findsTheLargestProductsAndPrefersLowerRows(int q, int d, int capacity, int count, int k) {
    double[] queries = whole(q * d);
    double[] bank = whole(capacity * d);
    int[] rows = new int[q * k];
    float[] scores = new float[q * k];
    kernels.topK(
        numbers.view(queries, q, d), numbers.view(bank, capacity, d), count, k, rows, scores);
    for (int query = 0; query < q; query++) {
      int base = query * d;
      double[] products =
          IntStream.range(0, count)
              .mapToDouble(
                  row ->
                      IntStream.range(0, d)
                          .mapToDouble(c -> queries[base + c] * bank[row * d + c])
                          .sum())
              .toArray();
      int[] order =
          IntStream.range(0, count)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer row) -> -products[row]))
              .mapToInt(Integer::intValue)
              .limit(k)
              .toArray();
      for (int rank = 0; rank < k; rank++) {
        int at = query * k + rank;
        assertThat(rows[at])
            .as("query %d rank %d", query, rank)
            .isEqualTo(rank < count ? order[rank] : -1);
        assertThat(scores[at])
            .isEqualTo(rank < count ? (float) products[order[rank]] : Float.NEGATIVE_INFINITY);
      }
    }
  }

  @Test
  void findsEachVectorInItsOwnBank() {
    double[] bank = PlainKernels.normalizeRows(numbers.normal(5000 * 64), 64, 0);
    Tensor rows = numbers.tensor(bank, 5000, 64);
    int[] found = new int[100 * 3];
    float[] scores = new float[100 * 3];
    kernels.topK(rows.view(4900 * 64, 100, 64), rows, 5000, 3, found, scores);
    for (int query = 0; query < 100; query++) {
      assertThat(found[query * 3]).isEqualTo(4900 + query);
      assertThat(scores[query * 3]).isCloseTo(1, org.assertj.core.api.Assertions.within(1e-5f));
    }
  }

  @Test
  void anEmptyBankAnswersWithNothing() {
    int[] rows = new int[2];
    float[] scores = new float[2];
    kernels.topK(kernels.allocate(1, 3), kernels.allocate(4, 3), 0, 2, rows, scores);
    assertThat(rows).containsExactly(-1, -1);
    assertThat(scores).containsExactly(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
  }

  @Test
  void rowsBeyondCountAreNotLookedAt() {
    Tensor bank = numbers.tensor(new double[] {1, 2, 9, Double.NaN}, 4, 1);
    int[] rows = new int[2];
    float[] scores = new float[2];
    kernels.topK(numbers.tensor(new double[] {1}, 1, 1), bank, 2, 2, rows, scores);
    assertThat(rows).containsExactly(1, 0);
  }

  @Test
  void namesWhatDoesNotFit() {
    Tensor queries = kernels.allocate(2, 3);
    Tensor bank = kernels.allocate(4, 3);
    assertThatThrownBy(() -> kernels.topK(queries, bank, 5, 1, new int[2], new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("topK: count=5, expected 0..4");
    assertThatThrownBy(() -> kernels.topK(queries, bank, 4, 1, new int[3], new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("topK: rows and scores of 3 and 2, expected queries times k=2");
    assertThatThrownBy(
            () -> kernels.topK(queries, kernels.allocate(4, 2), 4, 1, new int[2], new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bank");
    assertThatThrownBy(() -> kernels.topK(queries, bank, 4, 0, new int[0], new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("k=0");
  }
}
