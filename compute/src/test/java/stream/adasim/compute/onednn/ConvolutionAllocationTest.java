package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import stream.adasim.compute.Precision;
import stream.adasim.compute.Tensor;

/** What a worker's calls leave on the heap: next to nothing, once they are compiled. */
class ConvolutionAllocationTest {
  private static final int B = 2;
  private static final int SIDE = 8;
  private static final int WIDE = 130;
  private static final int O = 33;
  private static final int CALLS = 500;

  /** A few small objects for each call; vectors for each row would be several times as much. */
  private static final long LIMIT = CALLS * 2_000L;

  /** How long the compiler may take for a kernel where others use its processors. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final OnednnKernels KERNELS = OnednnKernels.open(1);

  /** Those that multiply in bfloat16, where the processor can at all. */
  private static final List<OnednnKernels> HALVES =
      Description.bfloat16Emulation() ? List.of(OnednnKernels.open(1, Precision.BF16)) : List.of();

  private static final Tensor PLANES = KERNELS.allocate(B, WIDE, SIDE, SIDE);
  private static final Tensor X = KERNELS.allocate(B, SIDE, SIDE, WIDE);
  private static final Tensor DX = KERNELS.allocate(B, SIDE, SIDE, WIDE);
  private static final Tensor Y = KERNELS.allocate(B, SIDE, SIDE, O);
  private static final Tensor DY = KERNELS.allocate(B, SIDE, SIDE, O);
  private static final Tensor HALF = KERNELS.allocate(B, SIDE / 2, SIDE / 2, O);
  private static final Tensor ONES = KERNELS.allocate(O, WIDE, 1, 1);
  private static final Tensor THREES = KERNELS.allocate(O, WIDE, 3, 3);
  private static final Tensor SCALE = KERNELS.allocate(O);
  private static final Tensor SUMS = KERNELS.allocate(O);
  private static final Tensor POOLED = KERNELS.allocate(B, O);

  /**
   * @param by on whose worker
   */
  record Call(String name, OnednnKernels by, Runnable kernel) {
    Call(String name, Runnable kernel) {
      this(name, KERNELS, kernel);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Call> calls() {
    Stream<Call> halves = HALVES.stream().flatMap(by -> products(by, ", bfloat16"));
    return Stream.concat(Stream.concat(products(KERNELS, ""), halves), others());
  }

  private static Stream<Call> products(OnednnKernels by, String in) {
    return Stream.of(
        new Call("Winograd" + in, by, () -> by.convolution(X, THREES, 1, 1, Y)),
        new Call("Winograd, dx" + in, by, () -> by.convolutionBackwardInput(DY, THREES, 1, 1, DX)),
        new Call("Winograd, dw" + in, by, () -> by.convolutionBackwardWeight(X, DY, 1, 1, THREES)),
        new Call("unfolded" + in, by, () -> by.convolution(X, THREES, 2, 1, HALF)),
        new Call(
            "unfolded, dx" + in, by, () -> by.convolutionBackwardInput(HALF, THREES, 2, 1, DX)),
        new Call(
            "unfolded, dw" + in, by, () -> by.convolutionBackwardWeight(X, HALF, 2, 1, THREES)));
  }

  private static Stream<Call> others() {
    return Stream.of(
        new Call("channels last", () -> KERNELS.channelsLast(PLANES, X)),
        new Call("library's", () -> KERNELS.convolution(X, ONES, 1, 0, Y)),
        new Call("library's, dx", () -> KERNELS.convolutionBackwardInput(DY, ONES, 1, 0, DX)),
        new Call("library's, dw", () -> KERNELS.convolutionBackwardWeight(X, DY, 1, 0, ONES)),
        new Call("batch norm", ConvolutionAllocationTest::batchNorm),
        new Call(
            "batch norm, inference",
            () -> KERNELS.batchNormInference(Y, SUMS, SUMS, SUMS, SUMS, 1, DY, true, Y)),
        new Call(
            "batch norm, backward",
            () -> KERNELS.batchNormBackward(Y, SCALE, SCALE, SCALE, Y, DY, Y, Y, SUMS, SUMS)),
        new Call("largest", () -> KERNELS.maxPool(Y, 3, 2, 1, HALF)),
        new Call("largest, backward", () -> KERNELS.maxPoolBackward(Y, HALF, 3, 2, 1, DY)),
        new Call("mean", () -> KERNELS.globalAveragePool(Y, POOLED)),
        new Call("mean, backward", () -> KERNELS.globalAveragePoolBackward(POOLED, DY)));
  }

  private static void batchNorm() {
    KERNELS.batchNorm(Y, SCALE, SCALE, 1, 1, SUMS, SUMS, DY, true, Y, SCALE, SCALE);
  }

  @AfterAll
  static void close() {
    KERNELS.close();
    HALVES.forEach(OnednnKernels::close);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aKernelAllocatesNothingPerRowAfterTheFirstCalls(Call call) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] bytes = new long[1];
    call.by()
        .run(
            1,
            ignored -> {
              long deadline = System.nanoTime() + PATIENCE.toNanos();
              do {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < CALLS; i++) {
                  call.kernel().run();
                }
                bytes[0] = threads.getCurrentThreadAllocatedBytes() - before;
              } while (bytes[0] >= LIMIT && System.nanoTime() < deadline);
            });
    assertThat(bytes[0]).isLessThan(LIMIT);
  }
}
