package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import stream.adasim.compute.PlainKernels.Window;
import stream.adasim.compute.onednn.OnednnKernels;

/** Convolutions and batch norm on one thread, on two and three, and in tasks. */
class ConvolutionThreadsTest {
  private static final List<Kernels> KERNELS =
      Stream.of(1, 2, 3).<Kernels>map(OnednnKernels::open).toList();

  @AfterAll
  static void close() {
    KERNELS.forEach(Kernels::close);
  }

  /** One for each way of convolving: enough work to be split, images that threads don't divide. */
  static List<Window> windows() {
    return List.of(
        new Window(7, 40, 17, 13, 33, 3, 1, 1),
        new Window(7, 130, 17, 13, 33, 3, 2, 1),
        new Window(7, 3, 33, 35, 17, 7, 2, 3),
        new Window(7, 40, 17, 13, 33, 1, 1, 0));
  }

  @ParameterizedTest
  @MethodSource("windows")
  void convolutionsRepeatThemselvesAndAgree(Window e) {
    float[][] alone = apart(() -> convolved(KERNELS.getFirst(), e));
    for (Kernels kernels : KERNELS) {
      float[][] together = apart(() -> convolved(kernels, e));
      assertThat(apart(() -> convolved(kernels, e))).isDeepEqualTo(together);
      for (int i = 0; i < alone.length; i++) {
        Numbers.assertClose(together[i], Numbers.doubles(alone[i]), 1e-5);
      }
      assertThat(apart(() -> inTask(kernels, () -> convolved(kernels, e)))).isDeepEqualTo(alone);
    }
  }

  /** On a thread that no other backend has told how many threads its products may take. */
  private static float[][] apart(Supplier<float[][]> work) {
    return CompletableFuture.supplyAsync(work, task -> new Thread(task).start()).join();
  }

  /** In one of several tasks, each of which computes alone. */
  private static float[][] inTask(Kernels kernels, Supplier<float[][]> work) {
    float[][][] results = new float[3][][];
    kernels.run(results.length, i -> results[i] = work.get());
    assertThat(results[1]).isDeepEqualTo(results[0]);
    assertThat(results[2]).isDeepEqualTo(results[0]);
    return results[0];
  }

  /** Outputs and both gradients. */
  private static float[][] convolved(Kernels kernels, Window e) {
    Numbers numbers = new Numbers(kernels, 71);
    Tensor x = numbers.view(numbers.normal(e.inputs()), e.b(), e.h(), e.w(), e.c());
    Tensor w = numbers.view(numbers.normal(e.weights()), e.o(), e.c(), e.k(), e.k());
    Tensor dy = numbers.view(numbers.normal(e.outputs()), e.b(), e.down(), e.across(), e.o());
    return ConvolutionTest.all(kernels, x, w, dy, e);
  }

  /** Sums are taken in parts that follow from the images alone. */
  @ParameterizedTest
  @CsvSource({"7,40,17,13", "7,33,17,13", "7,3,65,33"})
  void batchNormGivesTheSameBitsOnAllThreads(int b, int c, int h, int w) {
    float[][] alone = apart(() -> normed(KERNELS.getFirst(), b, c, h, w));
    for (Kernels kernels : KERNELS) {
      assertThat(apart(() -> normed(kernels, b, c, h, w))).isDeepEqualTo(alone);
      assertThat(apart(() -> inTask(kernels, () -> normed(kernels, b, c, h, w))))
          .isDeepEqualTo(alone);
    }
  }

  private static float[][] normed(Kernels kernels, int b, int c, int h, int w) {
    Numbers numbers = new Numbers(kernels, 73);
    int size = b * h * w * c;
    Tensor x = numbers.view(numbers.normal(size), b, h, w, c);
    Tensor y = numbers.view(numbers.normal(size), b, h, w, c); // the residual, too
    Tensor dy = numbers.view(numbers.normal(size), b, h, w, c);
    Tensor dx = numbers.view(numbers.normal(size), b, h, w, c); // what goes beside dy, too
    Tensor gamma = numbers.view(numbers.normal(c), c);
    List<Tensor> channels = Stream.generate(() -> kernels.allocate(c)).limit(6).toList();
    Tensor mean = channels.get(0);
    Tensor rstd = channels.get(1);
    kernels.batchNorm(
        x, gamma, gamma, 1e-5f, 0.1f, channels.get(2), channels.get(3), y, true, y, mean, rstd);
    kernels.batchNormBackward(
        x, gamma, mean, rstd, y, dy, dx, dx, channels.get(4), channels.get(5));
    return Stream.concat(Stream.of(y, dy, dx), channels.stream())
        .map(Tensor::toArray)
        .toArray(float[][]::new);
  }
}
