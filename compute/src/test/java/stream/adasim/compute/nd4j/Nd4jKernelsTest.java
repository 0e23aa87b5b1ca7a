package stream.adasim.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Step;

class Nd4jKernelsTest {
  private static final Nd4jKernels KERNELS = Nd4jKernels.open(0);
  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  @AfterAll
  static void close() {
    KERNELS.close();
  }

  @Test
  void describesItselfInOneLine() {
    assertThat(KERNELS.describe())
        .startsWith("nd4j-native 1.0.0-M2.1, " + THREADS + " thread")
        .contains("avx2")
        .contains("OpenBLAS 0.3.31 ")
        .containsPattern("kernel [A-Za-z]+")
        .doesNotContain("\n");
  }

  @Test
  void refusesANegativeThreadCount() {
    assertThatThrownBy(() -> Nd4jKernels.open(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads=-1 must be 0 or more");
  }

  @Test
  void refusesAThreadCountThatTheProcessDoesNotHave() {
    assertThatThrownBy(() -> Nd4jKernels.open(THREADS + 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("threads=" + (THREADS + 1))
        .hasMessageContaining("already computes with " + THREADS);
  }

  @Test
  void repeatsItselfBitForBit() {
    Step step = new Step(KERNELS, 31, 3);
    step.reset();
    step.run();
    assertThat(step.results()).allSatisfy(values -> assertThat(values).doesNotContain(Float.NaN));
    int first = Step.fingerprint(step.results());
    int[] rows = step.rows();
    step.reset();
    step.run();
    assertThat(Step.fingerprint(step.results())).isEqualTo(first);
    assertThat(step.rows()).isEqualTo(rows);

    Step other = new Step(KERNELS, 32, 3);
    other.reset();
    other.run();
    assertThat(Step.fingerprint(other.results())).isNotEqualTo(first);
  }

  @Test
  void twoThreadsGetTheResultsOfOne() throws Exception {
    List<Step> steps = List.of(new Step(KERNELS, 41, 3), new Step(KERNELS, 42, 3));
    List<Integer> alone = steps.stream().map(Nd4jKernelsTest::runTenTimes).toList();
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> together =
          steps.stream().map(step -> pool.submit(() -> runTenTimes(step))).toList();
      assertThat(together.get(0).get()).isEqualTo(alone.get(0));
      assertThat(together.get(1).get()).isEqualTo(alone.get(1));
    }
  }

  private static int runTenTimes(Step step) {
    return IntStream.range(0, 10)
        .map(
            i -> {
              step.reset();
              step.run();
              return Step.fingerprint(step.results());
            })
        .reduce(0, (a, b) -> 31 * a + b);
  }

  @Test
  void manyStepsLeaveNothingBehind() throws Throwable {
    new Step(KERNELS, 51, 200).assertLeavesNothing();
  }
}
