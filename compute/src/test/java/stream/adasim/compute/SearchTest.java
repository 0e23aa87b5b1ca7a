package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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
      assertThat(scores[query * 3]).isCloseTo(1, within(1e-5f));
    }
  }

  /** Outlines of one and two coordinates: the rest's length last. */
  private static double[] outlines(double[] x, int d, int kept) {
    double[] outlines = new double[x.length / d * (kept + 1)];
    for (int row = 0; row < x.length / d; row++) {
      double rest = 0;
      for (int c = 0; c < d; c++) {
        double value = x[row * d + c];
        if (c < kept) {
          outlines[row * (kept + 1) + c] = value;
        } else {
          rest += value * value;
        }
      }
      outlines[row * (kept + 1) + kept] = Math.sqrt(rest);
    }
    return outlines;
  }

  @ParameterizedTest(name = "{0} of {1} coordinates, the rest times {2}, one in {3} the same")
  @CsvSource({
    "7,64,0.02,1",
    "7,64,0.02,3",
    "15,96,0.3,1",
    "15,96,1,1",
    "15,96,0,2",
    "1,64,0.001,5000",
  })
  void outlinesChangeNothing(int kept, int d, double rest, int same) {
    int q = 37;
    int n = 9001;
    double[] all = numbers.normal((n + q) * d);
    for (int i = 0; i < all.length; i++) {
      all[i] *= i % d < kept ? 1 : rest;
      if (i >= d * same && i % (d * same) < d) {
        all[i] = all[i % d]; // every so many rows are copies of the first
      }
    }
    all = PlainKernels.normalizeRows(all, d, 0);
    double[] bank = Arrays.copyOf(all, n * d);
    double[] queries = Arrays.copyOfRange(all, n * d, all.length);
    Tensor bankTensor = numbers.view(bank, n, d);
    Tensor queryTensor = numbers.view(queries, q, d);
    int k = 10;
    int[] rows = new int[q * k];
    float[] scores = new float[q * k];
    SearchWork work =
        kernels.topK(
            queryTensor,
            bankTensor,
            numbers.view(outlines(queries, d, kept), q, kept + 1),
            numbers.view(outlines(bank, d, kept), n, kept + 1),
            1e-4f,
            none(q, k),
            n,
            k,
            rows,
            scores);
    assertThat(work.products()).isBetween(1L, (long) q * n);
    for (int query = 0; query < q; query++) {
      double[] products = products(queries, query, bank, d);
      double kth = Arrays.stream(products).sorted().skip(n - k).findFirst().orElseThrow();
      assertThat(Arrays.stream(rows, query * k, query * k + k).distinct().count()).isEqualTo(k);
      for (int at = query * k; at < query * k + k; at++) {
        assertThat(products[rows[at]]).isGreaterThanOrEqualTo(kth - 2e-6);
        assertThat((double) scores[at]).isCloseTo(products[rows[at]], within(1e-6));
        assertThat(scores[at]).isLessThanOrEqualTo(scores[Math.max(query * k, at - 1)]);
      }
    }
  }

  /** What quantized copies are hard on: rows that are alike, copies, few large numbers, lengths. */
  private double[] adversarial(String kind, int rows, int d) {
    double[] x = numbers.normal(rows * d);
    for (int i = 0; i < x.length; i++) {
      int row = i / d;
      switch (kind) {
        case "near ties" -> x[i] = Math.sin(i % d + 1) + 1e-4 * x[i];
        case "duplicates" -> x[i] = x[i % (d * 7)];
        case "hubs" -> x[i] += row % 500 == 0 ? 0 : 0.5;
        case "spikes" -> x[i] = i % d == row % d ? 1e3 : x[i];
        case "lengths" -> x[i] *= Math.pow(10, row % 7 - 3);
        case "zeros" -> x[i] = row % 3 == 0 ? 0 : x[i];
        default -> {} // as drawn
      }
    }
    return x;
  }

  @ParameterizedTest(name = "{0}, {1} wide")
  @CsvSource({
    "plain,64",
    "plain,1",
    "plain,67",
    "near ties,192",
    "duplicates,70",
    "hubs,96",
    "spikes,130",
    "lengths,65",
    "zeros,33"
  })
  void quantizedCopiesChangeNothing(String kind, int d) {
    int q = 70; // more than are searched for at once
    int capacity = 5003;
    int n = 4900;
    Optional<QuantizedVectors> room = kernels.quantized(capacity, d);
    assumeThat(room).as("products of 8 bits, which need AVX-512 with VNNI").isPresent();
    QuantizedVectors copies = room.orElseThrow();
    double[] bank = adversarial(kind, capacity, d);
    Tensor bankTensor = numbers.tensor(numbers.normal(capacity * d), capacity, d);
    copies.update(bankTensor, 0, capacity); // all of these are replaced
    bankTensor.write(floats(bank));
    copies.update(bankTensor, 0, 17);
    copies.update(bankTensor, 17, n - 17);
    double[] queries = Arrays.copyOfRange(adversarial(kind, capacity + q, d), 0, q * d);
    int k = 10;
    int[] rows = new int[q * k];
    float[] scores = new float[q * k];
    SearchWork work =
        kernels.topK(
            numbers.view(queries, q, d), bankTensor, copies, none(q, k), n, k, rows, scores);
    assertThat(work.products()).isBetween(1L, (long) q * n);
    for (int query = 0; query < q; query++) {
      double[] products = Arrays.copyOf(products(queries, query, bank, d), n);
      double largest = Arrays.stream(products).map(Math::abs).max().orElseThrow();
      double kth = Arrays.stream(products).sorted().skip(n - k).findFirst().orElseThrow();
      double rounding = 1e-5 * Math.max(largest, length(queries, query, d) * 1e-3);
      assertThat(Arrays.stream(rows, query * k, query * k + k).distinct().count()).isEqualTo(k);
      for (int at = query * k; at < query * k + k; at++) {
        assertThat(products[rows[at]])
            .as("query %d, row %d", query, rows[at])
            .isGreaterThanOrEqualTo(kth - rounding);
        assertThat((double) scores[at]).isCloseTo(products[rows[at]], within(rounding));
      }
    }
    if (kind.equals("plain") && d == 64) {
      assertThat(work.products()).as("most are left out").isLessThan((long) q * n / 3);
    }
  }

  /** Rows that are said to be known: those found, some of them, far ones, none, all mixed. */
  @ParameterizedTest(name = "{0}, quantized {1}")
  @CsvSource({
    "found,false",
    "found,true",
    "some,false",
    "some,true",
    "far,false",
    "far,true",
    "mixed,false",
    "mixed,true"
  })
  void knownRowsChangeNothing(String kind, boolean quantized) {
    int q = 70; // more than are searched for at once
    int n = 9001;
    int d = 64;
    int kept = 7;
    int k = 10;
    double[] all = numbers.normal((n + q) * d);
    for (int i = 0; i < all.length; i++) {
      all[i] *= i % d < kept ? 1 : 0.02;
    }
    all = PlainKernels.normalizeRows(all, d, 0);
    double[] bank = Arrays.copyOf(all, n * d);
    double[] queries = Arrays.copyOfRange(all, n * d, all.length);
    Tensor bankTensor = numbers.view(bank, n, d);
    Tensor queryTensor = numbers.view(queries, q, d);
    Optional<QuantizedVectors> room = quantized ? kernels.quantized(n, d) : Optional.empty();
    assumeThat(!quantized || room.isPresent())
        .as("products of 8 bits, which need AVX-512 with VNNI")
        .isTrue();
    room.ifPresent(copies -> copies.update(bankTensor, 0, n));
    int[] rows = new int[q * k];
    float[] scores = new float[q * k];
    kernels.topK(queryTensor, bankTensor, n, k, rows, scores);
    int[] known = none(q, k);
    for (int i = 0; i < known.length; i++) {
      known[i] =
          switch (kind) {
            case "found" -> rows[i];
            case "some" -> i % 3 == 0 ? rows[i] : -1;
            case "far" -> i / k * 97 + i % k;
            default -> i / k % 4 == 0 ? -1 : i % 2 == 0 ? rows[i] : 8000 - i;
          };
    }
    int[] knownBefore = known.clone();

    int[] again = new int[q * k];
    float[] scoresAgain = new float[q * k];
    SearchWork work =
        quantized
            ? kernels.topK(
                queryTensor, bankTensor, room.orElseThrow(), known, n, k, again, scoresAgain)
            : kernels.topK(
                queryTensor,
                bankTensor,
                numbers.view(outlines(queries, d, kept), q, kept + 1),
                numbers.view(outlines(bank, d, kept), n, kept + 1),
                1e-4f,
                known,
                n,
                k,
                again,
                scoresAgain);

    assertThat(again).isEqualTo(rows);
    for (int i = 0; i < scores.length; i++) {
      assertThat(scoresAgain[i]).isCloseTo(scores[i], within(1e-6f));
    }
    assertThat(known).isEqualTo(knownBefore);
    assertThat(work.products()).isBetween((long) q, (long) q * n);
  }

  @Test
  void quantizedCopiesOfAnotherBankAreRefused() {
    Optional<QuantizedVectors> room = kernels.quantized(10, 8);
    assumeThat(room).as("products of 8 bits, which need AVX-512 with VNNI").isPresent();
    Tensor query = kernels.allocate(1, 8);
    Tensor larger = kernels.allocate(11, 8);
    assertThatThrownBy(
            () ->
                kernels.topK(
                    query, larger, room.orElseThrow(), none(1, 1), 11, 1, new int[1], new float[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected one of onednn for 11 rows of 8");
    assertThatThrownBy(() -> room.orElseThrow().update(larger, 9, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private static int[] none(int queries, int k) {
    int[] known = new int[queries * k];
    Arrays.fill(known, -1);
    return known;
  }

  private static float[] floats(double[] x) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }

  private static double length(double[] x, int row, int d) {
    double squares = 0;
    for (int c = 0; c < d; c++) {
      squares += x[row * d + c] * x[row * d + c];
    }
    return Math.sqrt(squares);
  }

  private static double[] products(double[] queries, int query, double[] bank, int d) {
    double[] products = new double[bank.length / d];
    for (int i = 0; i < bank.length; i++) {
      products[i / d] += (double) (float) queries[query * d + i % d] * (float) bank[i];
    }
    return products;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 17, 192, 385})
  void exactProductsAreTheSameBitsEverywhere(int d) {
    double[] queries = numbers.normal(3 * d);
    double[] bank = numbers.normal(50 * d);
    int[] rows = {4, 49, -1, 0, 0, 17, 30, -5, 2};
    float[] products = new float[9];
    kernels.exactProducts(
        numbers.view(queries, 3, d), numbers.view(bank, 50, d), 3, rows, products);
    for (int i = 0; i < 9; i++) {
      double[] sums = new double[8];
      for (int c = 0; rows[i] >= 0 && c < d; c++) {
        sums[c % 8] += queries[i / 3 * d + c] * bank[rows[i] * d + c];
      }
      double sum =
          ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
      assertThat(products[i]).isEqualTo(rows[i] < 0 ? Float.NEGATIVE_INFINITY : (float) sum);
    }
  }

  @Test
  void exactProductsSeeWhatSinglePrecisionLoses() {
    Tensor bank = numbers.tensor(new double[] {1, 0x1p-20, -1, 1, 0x1p-21, -1}, 2, 3);
    Tensor query = numbers.tensor(new double[] {0x1p20, 1, 0x1p20}, 1, 3);
    float[] products = new float[2];
    kernels.exactProducts(query, bank, 2, new int[] {0, 1}, products);
    assertThat(products).containsExactly(0x1p-20f, 0x1p-21f);
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
    Tensor short2 = kernels.allocate(2, 2);
    assertThatThrownBy(
            () ->
                kernels.topK(
                    queries, bank, short2, short2, 0, none(2, 1), 4, 1, new int[2], new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("topK: outlines has shape [2, 2], expected (4, 2)");
    Tensor outlines = kernels.allocate(4, 2);
    assertThatThrownBy(
            () ->
                kernels.topK(
                    queries, bank, short2, outlines, 0, new int[1], 4, 1, new int[2], new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("topK: known of 1, expected queries times k=2");
    assertThatThrownBy(
            () ->
                kernels.topK(
                    queries,
                    bank,
                    short2,
                    outlines,
                    0,
                    new int[] {-1, 3},
                    3,
                    1,
                    new int[2],
                    new float[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("topK: known row 3, expected one of 3");
    assertThatThrownBy(
            () -> kernels.exactProducts(queries, bank, 1, new int[] {0, 4}, new float[2]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> kernels.exactProducts(queries, bank, 1, new int[3], new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "exactProducts: rows and products of 3 and 3, expected queries times perQuery=2");
    assertThatThrownBy(() -> kernels.topK(queries, bank, 4, 0, new int[0], new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("k=0");
  }
}
