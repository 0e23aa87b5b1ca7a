package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Every kernel once, on tensors of its own: for tests of repeatability, threads and memory. */
public final class Step {
  private static final int HEADS = 2;
  private static final int TOKENS = 5; // 4 patches and the class token
  private static final int D = 8;

  private final Kernels kernels;
  private final List<Tensor> all = new ArrayList<>();
  private final List<ConvolutionStep> convolutional;
  private final long seed;
  private final int batch;
  private final int[] rows;
  private final float[] scores;

  public Step(Kernels kernels, long seed, int batch) {
    this(kernels, seed, batch, List.of(new ConvolutionStep(kernels, batch, 2, 3)));
  }

  /** With convolutions of more channels than vectors have lanes, too, which take other ways. */
  public static Step wide(Kernels kernels, long seed, int batch) {
    return new Step(
        kernels,
        seed,
        batch,
        List.of(
            new ConvolutionStep(kernels, batch, 2, 3), new ConvolutionStep(kernels, 3, 130, 33)));
  }

  private Step(Kernels kernels, long seed, int batch, List<ConvolutionStep> convolutional) {
    this.convolutional = convolutional;
    this.batch = batch;
    this.rows = new int[batch * 2];
    this.scores = new float[batch * 2];
    this.kernels = kernels;
    this.seed = seed;
    int n = batch * TOKENS;
    int[][] shapes = {
      {batch, 2, 4, 4}, // images
      {batch * 4, 8}, // patches
      {D, 8}, // embedding
      {batch * 4, D}, // embedded
      {D}, // class token
      {TOKENS, D}, // positions
      {n, D}, // x
      {D}, // gamma
      {D}, // beta
      {n, D}, // normalised
      {n}, // mean
      {n}, // rstd
      {3 * D, D}, // qkv weight
      {n, 3 * D}, // qkv
      {batch, HEADS, TOKENS, TOKENS}, // probabilities
      {n, D}, // attended
      {16, D}, // hidden weight
      {16}, // hidden bias
      {n, 16}, // slope
      {n, 16}, // hidden
      {batch, D}, // features
      {batch, D}, // unit features
      {batch}, // norms
      {batch, D}, // targets
      {batch, D}, // gradients
      {n, D}, // larger gradients
      {batch, HEADS, TOKENS, TOKENS}, // workspace
      {n, 3 * D}, // qkv gradients
      {16, D}, // hidden weight gradients
      {16}, // hidden bias gradients
      {16, D}, // first moments
      {16, D}, // second moments
      {16, D}, // teacher's hidden weight
    };
    for (int[] shape : shapes) {
      all.add(kernels.allocate(shape));
    }
    convolutional.forEach(step -> all.addAll(step.tensors()));
  }

  /** Starts over from the seed. */
  public void reset() {
    Numbers numbers = new Numbers(kernels, seed);
    for (Tensor tensor : all) {
      tensor.write(Numbers.floats(numbers.normal(Math.toIntExact(tensor.size()))));
    }
  }

  public void run() {
    Tensor x = all.get(6);
    Tensor normalised = all.get(9);
    Tensor features = all.get(20);
    Tensor unit = all.get(21);
    Tensor wide = all.get(25);
    kernels.patches(all.get(0), 2, all.get(1));
    kernels.linear(all.get(1), all.get(2), all.get(4), null, all.get(3));
    kernels.tokens(all.get(3), all.get(4), all.get(5), batch, x);
    kernels.layerNorm(x, all.get(7), all.get(8), 1e-6f, normalised, all.get(10), all.get(11));
    kernels.linear(normalised, all.get(12), null, null, all.get(13));
    kernels.attention(all.get(13), batch, HEADS, all.get(14), all.get(15));
    kernels.linearGelu(all.get(15), all.get(16), all.get(17), all.get(18), all.get(19));
    kernels.gatherRows(x, 0, TOKENS, features);
    kernels.normalizeRows(features, 1e-6f, unit, all.get(22));
    kernels.softmax(unit, all.get(7), 0.5f, all.get(23));
    double loss = kernels.crossEntropy(all.get(23), features, 0.5f, 1, all.get(24));
    kernels.scale((float) (1 / (1 + loss + kernels.entropy(all.get(23)))), all.get(24));
    kernels.columnMean(features, all.get(8));
    kernels.topK(features, x, batch * TOKENS, 2, rows, scores);
    kernels.exactProducts(features, x, 2, rows, scores);
    kernels.normalizeRowsBackward(unit, all.get(22), all.get(24), features, true);
    kernels.fill(wide, 0.25f);
    kernels.scatterAddRows(features, 0, TOKENS, wide);
    kernels.geluBackward(all.get(18), all.get(19), all.get(19));
    kernels.linearBackwardInput(all.get(19), all.get(16), wide, true);
    kernels.linearBackwardWeight(all.get(15), all.get(19), all.get(28), all.get(29));
    kernels.attentionBackward(
        all.get(13), batch, HEADS, all.get(14), wide, all.get(26), all.get(27));
    kernels.layerNormBackward(
        x, all.get(7), all.get(10), all.get(11), wide, normalised, false, all.get(7), all.get(8));
    kernels.tokensBackward(normalised, batch, all.get(3), all.get(4), all.get(5));
    kernels.axpy((float) (1 / (1 + kernels.norm(wide))), wide, x);
    kernels.copy(all.get(24), unit);
    kernels.fill(all.get(30), 0);
    kernels.fill(all.get(31), 0.5f);
    kernels.adamW(
        all.get(16), all.get(28), all.get(30), all.get(31), 0.1f, 0.1f, 0.9f, 0.99f, 1e-8f, 1);
    kernels.ema(all.get(32), all.get(16), 0.9f);
    convolutional.forEach(ConvolutionStep::run);
  }

  /**
   * Runs for a while and then for longer, after which native memory must be what it was: one
   * temporary of 50 kB kept per step would be 15 MB.
   */
  public void assertLeavesNothing() throws Throwable {
    repeat(60);
    long before = Long.MAX_VALUE;
    for (int reading = 0; reading < 20; reading++) {
      System.gc();
      before = Math.min(before, NativeMemory.bytes());
    }
    repeat(300);
    // What the collector finds is freed by another thread, some moments later.
    long limit = before + (3L << 20);
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    long after;
    do {
      System.gc();
      after = NativeMemory.bytes();
    } while (after > limit && System.nanoTime() < deadline);
    assertThat(after).isLessThan(limit);
  }

  private void repeat(int steps) {
    for (int i = 0; i < steps; i++) {
      run();
    }
  }

  /** Everything that was computed. */
  public List<float[]> results() {
    return all.stream().map(Tensor::toArray).toList();
  }

  public int[] rows() {
    return rows.clone();
  }

  /** A fingerprint of all bits. */
  public static int fingerprint(List<float[]> results) {
    return Arrays.hashCode(results.stream().flatMapToInt(Step::bits).toArray());
  }

  private static IntStream bits(float[] values) {
    return IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i]));
  }
}
