package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;
import stream.adasim.compute.Tensor;

/** Products of operands rounded to bfloat16 against the reference, emulated where need be. */
class Bfloat16Test {
  private static Kernels kernels;
  private static Kernels reference;

  @BeforeAll
  static void open() {
    assumeTrue(
        Description.bfloat16Emulation(), "the processor has no AVX-512: bfloat16 is not tested");
    kernels = OnednnKernels.open(2, Precision.BF16);
    reference = Backends.open("nd4j", 0);
  }

  @AfterAll
  static void close() {
    if (kernels != null) {
      kernels.close();
      reference.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,5,3", "7,1,3", "7,5,1", "2,3,2", "13,33,17", "65,47,129", "260,192,96"})
  void productsAgreeWithTheReference(int n, int in, int out) {
    float[][] found = products(kernels, n, in, out);
    float[][] expected = products(reference, n, in, out);
    for (int i = 0; i < expected.length; i++) {
      assertThat(distance(found[i], expected[i])).as("result %s", i).isLessThan(1e-2);
    }
    // They do round: a product of many terms is not float32's.
    if (in > 40) {
      assertThat(distance(found[0], expected[0])).isGreaterThan(1e-4);
    }
  }

  @Test
  void repeatsItselfBitForBit() {
    assertThat(products(kernels, 65, 47, 129)).isDeepEqualTo(products(kernels, 65, 47, 129));
  }

  @Test
  void roundsHalfWaysToEven() {
    // 1 + 2^-8 lies half-way between 1 and 1 + 2^-7; 1 + 3 2^-8 between 1 + 2^-7 and 1 + 2^-6.
    Tensor x = kernels.allocate(2, 2);
    Tensor w = kernels.allocate(1, 2);
    Tensor y = kernels.allocate(2, 1);
    x.write(new float[] {1 + 0x1p-8f, 0, 1 + 0x3p-8f, 0});
    w.write(new float[] {1, 1});
    kernels.linear(x, w, null, null, y);
    assertThat(y.toArray()).containsExactly(1, 1 + 0x1p-6f);
  }

  @Test
  void aWorkersCallsAllocateNothingOnTheHeapAfterTheFirst() {
    Tensor x = kernels.allocate(33, 24);
    Tensor w = kernels.allocate(40, 24);
    Tensor y = kernels.allocate(33, 40);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] bytes = new long[1];
    kernels.run(
        1,
        ignored -> {
          for (int i = 0; i < 20_000; i++) {
            kernels.linear(x, w, null, null, y);
          }
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int i = 0; i < 1000; i++) {
            kernels.linear(x, w, null, null, y);
          }
          bytes[0] = threads.getCurrentThreadAllocatedBytes() - before;
        });
    assertThat(bytes[0]).isLessThan(20_000); // an object per call would be more
  }

  @Test
  void saysWhatWasChosenAndWhy() {
    assertThat(kernels.describe()).contains(", bfloat16 products: ").doesNotContain("\n");
    try (Kernels automatic = OnednnKernels.open(1, Precision.AUTO)) {
      assertThat(automatic.describe())
          .contains(
              Description.bfloat16Instructions()
                  ? "bfloat16 products: the processor has instructions"
                  : "float32: the processor has no bfloat16 products");
    }
  }

  @Test
  void isRefusedWithoutAvx512() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Bfloat16Start.class.getName())
            .redirectErrorStream(true);
    builder.environment().put("ONEDNN_MAX_CPU_ISA", "AVX2");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(1);
    assertThat(said)
        .contains("BackendException: compute.precision=bf16: the processor has no AVX-512");
  }

  /** Forward, dX, accumulated dX and dW with the bias's, of the same random operands. */
  private static float[][] products(Kernels by, int n, int in, int out) {
    Tensor x = random(by, 1, n, in);
    Tensor w = random(by, 2, out, in);
    Tensor bias = random(by, 3, out);
    Tensor dy = random(by, 4, n, out);
    Tensor y = random(by, 5, n, out);
    by.linear(x, w, bias, random(by, 6, n, out), y);
    Tensor dx = random(by, 7, n, in);
    by.linearBackwardInput(dy, w, dx, false);
    Tensor added = random(by, 8, n, in);
    by.linearBackwardInput(dy, w, added, true);
    Tensor dw = random(by, 9, out, in);
    Tensor dbias = random(by, 10, out);
    by.linearBackwardWeight(x, dy, dw, dbias);
    return new float[][] {
      y.toArray(), dx.toArray(), added.toArray(), dw.toArray(), dbias.toArray()
    };
  }

  private static Tensor random(Kernels by, long seed, int... shape) {
    Tensor tensor = by.allocate(shape);
    float[] values = new float[Math.toIntExact(tensor.size())];
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    tensor.write(values);
    return tensor;
  }

  /** Length of the difference over the length of what is expected. */
  private static double distance(float[] found, float[] expected) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(found[i] - expected[i], 2);
      length += Math.pow(expected[i], 2);
    }
    assertThat(found).hasSameSizeAs(expected);
    return Math.sqrt(difference / length);
  }
}
