package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Step;
import stream.adasim.compute.Tensor;

class OnednnKernelsTest {
  private static final int THREADS = 2;
  private static final OnednnKernels KERNELS = OnednnKernels.open(THREADS);

  @AfterAll
  static void close() {
    KERNELS.close();
  }

  @Test
  void describesItselfInOneLine() {
    assertThat(KERNELS.describe())
        .startsWith("oneDNN 3.11, 2 threads, ")
        .containsPattern("vectors of \\d+ bits, float32: ")
        .doesNotContain("\n");
  }

  @Test
  void refusesANegativeThreadCount() {
    assertThatThrownBy(() -> OnednnKernels.open(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads=-1 must be 0 or more");
  }

  @Test
  void repeatsItselfBitForBit() {
    Step step = Step.wide(KERNELS, 31, 3);
    int first = outcome(step);
    assertThat(step.results()).allSatisfy(values -> assertThat(values).doesNotContain(Float.NaN));
    assertThat(outcome(step)).isEqualTo(first);
    assertThat(outcome(Step.wide(KERNELS, 32, 3))).isNotEqualTo(first);
  }

  @Test
  void workersSideBySideGetTheResultsOfOneAlone() {
    List<Step> steps = IntStream.range(0, 8).mapToObj(i -> Step.wide(KERNELS, 41 + i, 3)).toList();
    int[] alone = new int[8];
    for (int i = 0; i < 8; i++) {
      int task = i;
      KERNELS.run(1, ignored -> alone[task] = outcome(steps.get(task)));
    }
    int[] together = new int[8];
    KERNELS.run(8, i -> together[i] = outcome(steps.get(i)));
    assertThat(together).isEqualTo(alone);
  }

  @Test
  void computesBesideWorkersThatAreBusyAndGetsWhatAWorkerGets() {
    Step step = Step.wide(KERNELS, 51, 3);
    int[] onWorker = new int[1];
    KERNELS.run(1, ignored -> onWorker[0] = outcome(step));
    try (Kernels beside = KERNELS.beside().orElseThrow()) {
      CountDownLatch busy = new CountDownLatch(THREADS);
      CountDownLatch release = new CountDownLatch(1);
      CompletableFuture<Void> work =
          CompletableFuture.runAsync(
              () ->
                  KERNELS.run(
                      THREADS,
                      ignored -> {
                        busy.countDown();
                        await(release);
                      }));
      await(busy);
      assertThat(outcome(Step.wide(beside, 51, 3))).isEqualTo(onWorker[0]);
      assertThat(work).isNotDone();
      release.countDown();
      work.join();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static int outcome(Step step) {
    step.reset();
    step.run();
    return Step.fingerprint(step.results());
  }

  @Test
  void runsTasksOnSoManyThreadsAndWaitsForAll() {
    var threads = ConcurrentHashMap.<String>newKeySet();
    int[] runs = new int[50];
    KERNELS.run(
        50,
        i -> {
          threads.add(Thread.currentThread().getName());
          runs[i]++;
        });
    assertThat(runs).containsOnly(1);
    assertThat(threads).hasSizeLessThanOrEqualTo(THREADS);
    assertThat(KERNELS.workers()).isEqualTo(THREADS);
  }

  @Test
  void throwsTheFirstFailureWhenAllTasksHaveEnded() {
    boolean[] ended = new boolean[3];
    assertThatThrownBy(
            () ->
                KERNELS.run(
                    3,
                    i -> {
                      ended[i] = true;
                      throw new IllegalArgumentException("task " + i);
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("task 0");
    assertThat(ended).containsOnly(true);
  }

  @Test
  void aWorkersCallsAllocateNothingOnTheHeapAfterTheFirst() {
    // A thread counts its own bytes; products, attention and norms of a step, a hundred times.
    Tensor x = KERNELS.allocate(130, 48);
    Tensor w = KERNELS.allocate(144, 48);
    Tensor qkv = KERNELS.allocate(130, 144);
    Tensor p = KERNELS.allocate(2, 3, 65, 65);
    Runnable calls =
        () -> {
          KERNELS.linear(x, w, null, null, qkv);
          KERNELS.attention(qkv, 2, 3, p, x);
        };
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] bytes = new long[1];
    KERNELS.run(
        1,
        ignored -> {
          for (int i = 0; i < 20_000; i++) {
            calls.run();
          }
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < 100; i++) {
            calls.run();
          }
          bytes[0] = threads.getCurrentThreadAllocatedBytes() - before;
        });
    // One vector object per row that escaped the compiler would be megabytes.
    assertThat(bytes[0]).isLessThan(100_000);
  }

  @Test
  void manyStepsLeaveNothingBehind() throws Throwable {
    Step.wide(KERNELS, 51, 200).assertLeavesNothing();
  }
}
