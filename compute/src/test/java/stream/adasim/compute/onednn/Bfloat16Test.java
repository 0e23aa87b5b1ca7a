package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;
import stream.adasim.compute.Tensor;

/** Products of operands rounded to bfloat16 against the reference, emulated where need be. */
class Bfloat16Test extends Bfloat16AndReference {
  @ParameterizedTest
  @CsvSource({"1,1,1", "1,5,3", "7,1,3", "7,5,1", "2,3,2", "13,33,17", "65,47,129", "260,192,96"})
  void productsAgreeWithTheReference(int n, int in, int out) {
    float[][] found = products(kernels, n, in, out);
    float[][] expected = products(reference, n, in, out);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Distances.relative(found[i], expected[i])).as("result %s", i).isLessThan(1e-2);
    }
    // They do round: a product of many terms is not float32's.
    if (in > 40) {
      assertThat(Distances.relative(found[0], expected[0])).isGreaterThan(1e-4);
    }
  }

  /** Rows, width, and width of the hidden layer: multiples of a vector's lanes and not. */
  @ParameterizedTest
  @CsvSource({"1,1,1", "3,5,7", "33,19,70", "65,192,1100"})
  void layersOfActivationsAgreeWithTheReference(int n, int in, int hidden) {
    float[][] found = layers(kernels, n, in, hidden);
    float[][] expected = layers(reference, n, in, hidden);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Distances.relative(found[i], expected[i])).as("result %s", i).isLessThan(1e-2);
    }
    assertThat(layers(kernels, n, in, hidden)).isDeepEqualTo(found);
  }

  @ParameterizedTest
  @CsvSource({"1,1,2,1", "2,3,5,7", "3,2,17,16", "2,3,65,64"})
  void attentionOfActivationsAgreesWithTheReference(int batch, int heads, int tokens, int width) {
    float[][] found = attention(kernels, batch, heads, tokens, width);
    float[][] expected = attention(reference, batch, heads, tokens, width);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Distances.relative(found[i], expected[i])).as("result %s", i).isLessThan(1.5e-2);
    }
    assertThat(attention(kernels, batch, heads, tokens, width)).isDeepEqualTo(found);
  }

  /** A row's rest behind the whole vectors goes another way, which must not be another function. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 4001})
  void geluOfActivationsIsAccurateFromTailToTail(int n) {
    Tensor x = kernels.allocateActivation(1, 1);
    x.write(new float[] {1});
    Tensor w = kernels.allocate(n, 1);
    for (int i = 0; i < n; i++) {
      w.write(i, new float[] {n == 1 ? -0.7f : -20 + 40f * i / (n - 1)}, 0, 1);
    }
    Tensor zero = kernels.allocate(n);
    Tensor slope = kernels.allocateActivation(1, n);
    Tensor y = kernels.allocateActivation(1, n);
    kernels.linearGelu(x, w, zero, slope, y);
    Tensor alone = kernels.allocateActivation(1, n);
    kernels.linearGelu(x, w, zero, null, alone);
    Tensor rounded = kernels.allocateActivation(n);
    kernels.copy(w, rounded);
    Tensor exact = reference.allocate(1, n);
    Tensor exactSlope = reference.allocate(1, n);
    Tensor ones = reference.allocate(1, 1);
    ones.write(new float[] {1});
    Tensor same = reference.allocate(n, 1);
    same.write(rounded.toArray());
    reference.linearGelu(ones, same, reference.allocate(n), exactSlope, exact);
    assertClose("gelu", rounded.toArray(), y.toArray(), exact.toArray());
    assertClose("slope", rounded.toArray(), slope.toArray(), exactSlope.toArray());
    assertThat(alone.toArray()).isEqualTo(y.toArray());
  }

  private static void assertClose(String what, float[] at, float[] found, float[] expected) {
    for (int i = 0; i < at.length; i++) {
      assertThat(found[i])
          .as("%s at %s", what, at[i])
          .isCloseTo(expected[i], within(6e-4f + Math.abs(expected[i]) * 0x1p-8f));
    }
  }

  @Test
  void activationsHoldTheNearestBfloat16() {
    Tensor x = kernels.allocateActivation(3, 2);
    float[] given = {1 + 0x1p-8f, 1 + 0x3p-8f, -3.14159f, Float.NaN, 0x1.1p-133f, 3.4e38f};
    x.write(given);
    assertThat(x.toArray())
        .containsExactly(1, 1 + 0x1p-6f, -3.140625f, Float.NaN, 0x1p-133f, Float.POSITIVE_INFINITY);
    assertThat(x.view(2, 2).toArray()).containsExactly(-3.140625f, Float.NaN);
    Tensor wide = kernels.allocate(3, 2);
    kernels.copy(x, wide);
    assertThat(wide.toArray()).isEqualTo(x.toArray());
    Tensor again = kernels.allocateActivation(3, 2);
    wide.write(given);
    kernels.copy(wide, again);
    assertThat(again.toArray()).isEqualTo(x.toArray());
    kernels.fill(again, 0.3f);
    assertThat(again.toArray()).containsOnly(0.30078125f);
  }

  @Test
  void rowsOfActivationsAreGatheredAndScattered() {
    Tensor x = kernels.allocateActivation(4, 3);
    x.write(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    Tensor y = kernels.allocateActivation(2, 3);
    kernels.gatherRows(x, 1, 2, y);
    assertThat(y.toArray()).containsExactly(4, 5, 6, 10, 11, 12);
    kernels.scatterAddRows(y, 0, 2, x);
    assertThat(x.toArray()).containsExactly(5, 7, 9, 4, 5, 6, 17, 19, 21, 10, 11, 12);
    assertThatThrownBy(() -> kernels.gatherRows(x, 1, 2, kernels.allocate(2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gatherRows: y of FLOAT32, expected one of BFLOAT16");
  }

  @Test
  void namesWhatTakesNoActivations() {
    Tensor x = kernels.allocateActivation(2, 3);
    Tensor w = kernels.allocate(3, 3);
    assertThatThrownBy(() -> kernels.scale(1, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scale: x is BFLOAT16[2, 3], expected one of FLOAT32");
    assertThatThrownBy(() -> kernels.linearBackwardInput(x, w, x, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linearBackwardInput: dx is BFLOAT16[2, 3], expected one of FLOAT32");
    assertThatThrownBy(() -> kernels.geluBackward(x, kernels.allocate(2, 3), x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("geluBackward: dy of FLOAT32, expected one of BFLOAT16 like slope");
  }

  @Test
  void heldWeightsAreThoseOfTheLastTimeThatTheyWereHeld() {
    Tensor all = Normal.tensor(kernels, 1, 2, 300);
    Tensor w = all.view(100, 20, 15);
    Tensor x = Normal.tensor(kernels, 2, 30, 15);
    Tensor dy = Normal.tensor(kernels, 3, 30, 20);
    for (int time = 0; time < 3; time++) {
      all.write(Normal.tensor(kernels, 4 + time, 2, 300).toArray());
      float[] plain = forwardAndBack(x, w, dy);
      kernels.hold(all);
      assertThat(Distances.relative(forwardAndBack(x, w, dy), plain)).isLessThan(1e-6);
      all.write(new float[600]);
      assertThat(Distances.relative(forwardAndBack(x, w, dy), plain)).as("held").isLessThan(1e-6);
      kernels.release(all);
      assertThat(forwardAndBack(x, w, dy)).as("released").containsOnly(0);
      kernels.holdAgain(all);
      assertThat(Distances.relative(forwardAndBack(x, w, dy), plain)).as("again").isLessThan(1e-6);
      kernels.release(all);
    }
  }

  @Test
  void heldWeightsServeAllWorkersAtOnce() {
    Tensor w = Normal.tensor(kernels, 1, 64, 48);
    Tensor x = Normal.tensor(kernels, 2, 30, 48);
    float[][] found = new float[16][];
    for (int time = 0; time < 20; time++) {
      w.write(Normal.tensor(kernels, 3 + time, 64, 48).toArray());
      Tensor plain = kernels.allocate(30, 64);
      kernels.linear(x, w, null, null, plain);
      kernels.hold(w);
      kernels.run(
          found.length,
          i -> {
            Tensor y = kernels.allocate(30, 64);
            kernels.linear(x, w, null, null, y);
            found[i] = y.toArray();
          });
      kernels.release(w);
      for (float[] each : found) {
        assertThat(Distances.relative(each, plain.toArray())).isLessThan(1e-6);
      }
    }
  }

  /** Packed for many rows or not, and read by few and by many: never one for the other. */
  @Test
  void heldWeightsAreReadAsTheyWerePacked() {
    Tensor all = Normal.tensor(kernels, 1, 2, 80 * 96);
    List<Tensor> weights = List.of(all.view(0, 80, 96), all.view(80 * 96, 80, 96));
    List<Tensor> inputs =
        List.of(Normal.tensor(kernels, 2, 300, 96), Normal.tensor(kernels, 3, 5, 96));
    List<Tensor> gradients =
        List.of(Normal.tensor(kernels, 4, 300, 80), Normal.tensor(kernels, 5, 5, 80));
    for (int time = 0; time < 3; time++) {
      for (int i = 0; i < 4; i++) {
        int w = i % 2;
        int x = (i + i / 2) % 2; // the first weights by many at first, the second by few
        float[] plain = forwardAndBack(inputs.get(x), weights.get(w), gradients.get(x));
        kernels.hold(all);
        assertThat(
                Distances.relative(
                    forwardAndBack(inputs.get(x), weights.get(w), gradients.get(x)), plain))
            .isLessThan(1e-6);
        kernels.release(all);
      }
    }
  }

  private static float[] forwardAndBack(Tensor x, Tensor w, Tensor dy) {
    Tensor y = kernels.allocate(x.rows(), w.rows());
    kernels.linear(x, w, null, null, y);
    Tensor dx = kernels.allocate(x.rows(), w.columns());
    kernels.linearBackwardInput(dy, w, dx, false);
    float[] both = Arrays.copyOf(y.toArray(), y.rows() * y.columns() + dx.rows() * dx.columns());
    System.arraycopy(dx.toArray(), 0, both, y.toArray().length, dx.toArray().length);
    return both;
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
    Tensor qkv = kernels.allocateActivation(130, 144);
    Tensor probabilities = kernels.allocateActivation(2, 3, 65, 65);
    Tensor attended = kernels.allocateActivation(130, 48);
    Tensor scratch = kernels.allocate(2, 3, 65, 65);
    Tensor dqkv = kernels.allocateActivation(130, 144);
    Tensor wide = kernels.allocateActivation(130, 40);
    Tensor slope = kernels.allocateActivation(130, 40);
    Tensor bias = kernels.allocate(40);
    Tensor w2 = kernels.allocate(40, 48);
    Tensor normed = kernels.allocateActivation(33, 24);
    Tensor numbers = kernels.allocate(33);
    Tensor gain = kernels.allocate(24);
    kernels.hold(w);
    Runnable calls =
        () -> {
          kernels.linear(x, w, null, null, y);
          kernels.attention(qkv, 2, 3, probabilities, attended);
          kernels.attentionBackward(qkv, 2, 3, probabilities, attended, scratch, dqkv);
          kernels.linearGelu(attended, w2, bias, slope, wide);
          kernels.geluBackward(slope, wide, wide);
          kernels.linearBackwardWeight(attended, wide, w2, bias);
          kernels.layerNorm(x, gain, gain, 1, normed, numbers, numbers);
          kernels.copy(x, normed);
        };
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] bytes = new long[1];
    kernels.run(
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
    kernels.release(w);
    // One vector object per row that escaped the compiler would be megabytes.
    assertThat(bytes[0]).isLessThan(100_000);
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
    Tensor x = Normal.tensor(by, 1, n, in);
    Tensor w = Normal.tensor(by, 2, out, in);
    Tensor bias = Normal.tensor(by, 3, out);
    Tensor dy = Normal.tensor(by, 4, n, out);
    Tensor y = Normal.tensor(by, 5, n, out);
    by.linear(x, w, bias, Normal.tensor(by, 6, n, out), y);
    Tensor dx = Normal.tensor(by, 7, n, in);
    by.linearBackwardInput(dy, w, dx, false);
    Tensor added = Normal.tensor(by, 8, n, in);
    by.linearBackwardInput(dy, w, added, true);
    Tensor dw = Normal.tensor(by, 9, out, in);
    Tensor dbias = Normal.tensor(by, 10, out);
    by.linearBackwardWeight(x, dy, dw, dbias);
    return new float[][] {
      y.toArray(), dx.toArray(), added.toArray(), dw.toArray(), dbias.toArray()
    };
  }

  /** Norm, two layers with a GELU between them, and their backward, by activations. */
  private static float[][] layers(Kernels by, int n, int in, int hidden) {
    Tensor x = Normal.tensor(by, 1, n, in);
    Tensor gamma = Normal.tensor(by, 2, in);
    Tensor beta = Normal.tensor(by, 3, in);
    Tensor normed = by.allocateActivation(n, in);
    by.layerNorm(x, gamma, beta, 1e-6f, normed, by.allocate(n), by.allocate(n));
    Tensor w1 = Normal.tensor(by, 4, hidden, in);
    Tensor bias = Normal.tensor(by, 5, hidden);
    Tensor slope = by.allocateActivation(n, hidden);
    Tensor wide = by.allocateActivation(n, hidden);
    by.linearGelu(normed, w1, bias, slope, wide);
    Tensor alone = by.allocateActivation(n, hidden);
    by.linearGelu(normed, w1, bias, null, alone);
    Tensor w2 = Normal.tensor(by, 6, in, hidden);
    Tensor y = by.allocate(n, in);
    by.linear(wide, w2, Normal.tensor(by, 7, in), x, y);
    Tensor dy = by.allocateActivation(n, in);
    by.copy(Normal.tensor(by, 8, n, in), dy);
    Tensor dw2 = Normal.tensor(by, 9, in, hidden);
    Tensor db2 = Normal.tensor(by, 10, in);
    by.linearBackwardWeight(wide, dy, dw2, db2);
    Tensor dHidden = by.allocateActivation(n, hidden);
    by.linearBackwardInput(dy, w2, dHidden, false);
    by.geluBackward(slope, dHidden, dHidden);
    Tensor dx = by.allocate(n, in);
    by.linearBackwardInput(dHidden, w1, dx, false);
    return Stream.of(normed, wide, alone, y, dw2, db2, dx)
        .map(Tensor::toArray)
        .toArray(float[][]::new);
  }

  private static float[][] attention(Kernels by, int batch, int heads, int tokens, int width) {
    int n = batch * tokens;
    Tensor qkv = by.allocateActivation(n, 3 * heads * width);
    qkv.write(Normal.tensor(by, 1, n, 3 * heads * width).toArray());
    Tensor probabilities = by.allocateActivation(batch, heads, tokens, tokens);
    Tensor out = by.allocateActivation(n, heads * width);
    by.attention(qkv, batch, heads, probabilities, out);
    Tensor dout = by.allocateActivation(n, heads * width);
    dout.write(Normal.tensor(by, 2, n, heads * width).toArray());
    Tensor dqkv = by.allocateActivation(n, 3 * heads * width);
    Tensor scratch = by.allocate(batch, heads, tokens, tokens);
    by.attentionBackward(qkv, batch, heads, probabilities, dout, scratch, dqkv);
    return Stream.of(probabilities, out, dqkv).map(Tensor::toArray).toArray(float[][]::new);
  }
}
