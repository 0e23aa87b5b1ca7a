package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
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
  private static final Tensor THREES = KERNELS.allocate(O, WIDE, 3, 3);
  private static final Tensor FEW = KERNELS.allocate(O, 3, 1, 1);
  private static final Tensor SCALE = KERNELS.allocate(O);
  private static final Tensor SUMS = KERNELS.allocate(O);
  private static final Tensor POOLED = KERNELS.allocate(B, O);

  /** Images of one type. */
  record Images(Tensor x, Tensor dx, Tensor few, Tensor y, Tensor dy, Tensor half) {
    static Images of(Function<int[], Tensor> allocate) {
      return new Images(
          allocate.apply(new int[] {B, SIDE, SIDE, WIDE}),
          allocate.apply(new int[] {B, SIDE, SIDE, WIDE}),
          allocate.apply(new int[] {B, SIDE, SIDE, 3}),
          allocate.apply(new int[] {B, SIDE, SIDE, O}),
          allocate.apply(new int[] {B, SIDE, SIDE, O}),
          allocate.apply(new int[] {B, SIDE / 2, SIDE / 2, O}));
    }
  }

  /**
   * @param by on whose worker
   */
  record Call(String name, OnednnKernels by, Runnable kernel) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Call> calls() {
    Stream<Call> plain = all(KERNELS, "", Images.of(KERNELS::allocate));
    Stream<Call> halves =
        HALVES.stream()
            .flatMap(
                by ->
                    Stream.concat(
                        products(by, ", bfloat16", Images.of(by::allocate)),
                        all(by, ", of bfloat16", Images.of(by::allocateActivation))));
    return Stream.concat(plain, halves);
  }

  private static Stream<Call> all(OnednnKernels by, String in, Images of) {
    return Stream.concat(products(by, in, of), others(by, in, of));
  }

  private static Stream<Call> products(OnednnKernels by, String in, Images of) {
    return Stream.of(
        new Call("Winograd" + in, by, () -> by.convolution(of.x, THREES, 1, 1, of.y)),
        new Call(
            "Winograd, dx" + in, by, () -> by.convolutionBackwardInput(of.dy, THREES, 1, 1, of.dx)),
        new Call(
            "Winograd, dw" + in, by, () -> by.convolutionBackwardWeight(of.x, of.dy, 1, 1, THREES)),
        new Call("unfolded" + in, by, () -> by.convolution(of.x, THREES, 2, 1, of.half)),
        new Call(
            "unfolded, dx" + in,
            by,
            () -> by.convolutionBackwardInput(of.half, THREES, 2, 1, of.dx)),
        new Call(
            "unfolded, dw" + in,
            by,
            () -> by.convolutionBackwardWeight(of.x, of.half, 2, 1, THREES)));
  }

  private static Stream<Call> others(OnednnKernels by, String in, Images of) {
    return Stream.of(
        new Call("channels last" + in, by, () -> by.channelsLast(PLANES, of.x)),
        new Call("library's" + in, by, () -> by.convolution(of.few, FEW, 1, 0, of.y)),
        new Call(
            "library's, dx" + in, by, () -> by.convolutionBackwardInput(of.dy, FEW, 1, 0, of.few)),
        new Call(
            "library's, dw" + in, by, () -> by.convolutionBackwardWeight(of.few, of.dy, 1, 0, FEW)),
        new Call(
            "batch norm" + in,
            by,
            () ->
                by.batchNorm(
                    of.y, SCALE, SCALE, 1, 1, SUMS, SUMS, of.dy, true, of.y, SCALE, SCALE)),
        new Call(
            "batch norm, inference" + in,
            by,
            () -> by.batchNormInference(of.y, SUMS, SUMS, SUMS, SUMS, 1, of.dy, true, of.y)),
        new Call(
            "batch norm, backward" + in,
            by,
            () ->
                by.batchNormBackward(
                    of.y, SCALE, SCALE, SCALE, of.y, of.dy, of.y, of.y, SUMS, SUMS)),
        new Call("largest" + in, by, () -> by.maxPool(of.y, 3, 2, 1, of.half)),
        new Call(
            "largest, backward" + in, by, () -> by.maxPoolBackward(of.y, of.half, 3, 2, 1, of.dy)),
        new Call("mean" + in, by, () -> by.globalAveragePool(of.y, POOLED)),
        new Call("mean, backward" + in, by, () -> by.globalAveragePoolBackward(POOLED, of.dy)));
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
