package stream.adasim.compute.nd4j;

import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * Kernels written with ND4J operations. Thread-safe in the way that {@link Kernels} asks for; the
 * thread count holds for the whole process.
 */
public final class Nd4jKernels implements Kernels {
  private final int threads;
  private final Scratch scratch = new Scratch();
  private final Elementary elementary = new Elementary(scratch);
  private final Products products = new Products(scratch);
  private final Norms norms = new Norms(scratch);
  private final Tokens tokens = new Tokens(scratch);
  private final Attention attention = new Attention(scratch);
  private final Convolution convolution = new Convolution(scratch);
  private final MaxPool maxPool = new MaxPool();
  private final BatchNorm batchNorm = new BatchNorm(scratch);
  private final Objective objective = new Objective(scratch);
  private final Optimiser optimiser = new Optimiser(scratch);
  private final Search search = new Search(scratch);

  private Nd4jKernels(int threads) {
    this.threads = threads;
  }

  /** Whether ND4J computes on a GPU: what the build's profile nd4j-cuda makes of it. */
  public static boolean forGpu() {
    return NativeLibraries.forGpu();
  }

  /** Where {@link #forGpu}: why it cannot on this machine, and what to do; empty where it can. */
  public static Optional<String> gpuRefusal() {
    return Gpu.refusal();
  }

  /**
   * Loads ND4J.
   *
   * @param threads threads for the arithmetic, 0 for one per processor; the same for all instances
   *     of a process
   * @throws IllegalArgumentException if threads is negative
   * @throws IllegalStateException if this process already computes with another number of threads,
   *     if the BLAS that was loaded is not the one on the class path, or if it is built for GPUs
   *     and the one that is here isn't covered
   */
  public static Nd4jKernels open(int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("threads=" + threads + " must be 0 or more");
    }
    int resolved = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    NativeLibraries.load(resolved);
    return new Nd4jKernels(resolved);
  }

  @Override
  public String describe() {
    return NativeLibraries.describe(threads);
  }

  @Override
  public Tensor allocate(int... shape) {
    return Nd4jTensor.zeros(shape);
  }

  /** Releases the temporaries; tensors live on while they are reachable. */
  @Override
  public void close() {
    scratch.close();
  }

  /** 1: ND4J's operations use all threads themselves. */
  @Override
  public int workers() {
    return 1;
  }

  @Override
  public void run(int tasks, IntConsumer task) {
    for (int i = 0; i < tasks; i++) {
      task.accept(i);
    }
  }

  @Override
  public Optional<Kernels> beside() {
    return Optional.empty();
  }

  @Override
  public void fill(Tensor x, float value) {
    elementary.fill(x, value);
  }

  @Override
  public void copy(Tensor x, Tensor y) {
    elementary.copy(x, y);
  }

  @Override
  public void axpy(float alpha, Tensor x, Tensor y) {
    elementary.axpy(alpha, x, y);
  }

  @Override
  public void scale(float alpha, Tensor x) {
    elementary.scale(alpha, x);
  }

  @Override
  public void gatherRows(Tensor x, int first, int stride, Tensor y) {
    elementary.gatherRows(x, first, stride, y);
  }

  @Override
  public void scatterAddRows(Tensor x, int first, int stride, Tensor y) {
    elementary.scatterAddRows(x, first, stride, y);
  }

  @Override
  public void scaleRows(Tensor x, Tensor factors, Tensor y) {
    elementary.scaleRows(x, factors, y);
  }

  @Override
  public void columnMean(Tensor x, Tensor out) {
    elementary.columnMean(x, out);
  }

  @Override
  public double norm(Tensor x) {
    return objective.norm(x);
  }

  @Override
  public void linear(
      Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y) {
    products.linear(x, w, bias, residual, y);
  }

  @Override
  public void linearGelu(Tensor x, Tensor w, Tensor bias, @Nullable Tensor slope, Tensor y) {
    products.linearGelu(x, w, bias, slope, y);
  }

  @Override
  public void linearBackwardInput(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
    products.linearBackwardInput(dy, w, dx, accumulate);
  }

  @Override
  public void linearBackwardWeight(Tensor x, Tensor dy, Tensor dw, @Nullable Tensor dbias) {
    products.linearBackwardWeight(x, dy, dw, dbias);
  }

  @Override
  public void geluBackward(Tensor slope, Tensor dy, Tensor dpre) {
    products.geluBackward(slope, dy, dpre);
  }

  @Override
  public void layerNorm(
      Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
    norms.layerNorm(x, gamma, beta, epsilon, y, mean, rstd);
  }

  @Override
  public void layerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Tensor dy,
      Tensor dx,
      boolean accumulate,
      Tensor dgamma,
      Tensor dbeta) {
    norms.layerNormBackward(x, gamma, mean, rstd, dy, dx, accumulate, dgamma, dbeta);
  }

  @Override
  public void normalizeRows(Tensor x, float epsilon, Tensor y, Tensor lengths) {
    norms.normalizeRows(x, epsilon, y, lengths);
  }

  @Override
  public void normalizeRowsBackward(
      Tensor y, Tensor lengths, Tensor dy, Tensor dx, boolean accumulate) {
    norms.normalizeRowsBackward(y, lengths, dy, dx, accumulate);
  }

  @Override
  public void patches(Tensor images, int patchSize, Tensor patches) {
    tokens.patches(images, patchSize, patches);
  }

  @Override
  public void tokens(Tensor x, Tensor prefix, Tensor pos, int batch, Tensor out) {
    tokens.tokens(x, prefix, pos, batch, out);
  }

  @Override
  public void tokensBackward(Tensor dout, int batch, Tensor dx, Tensor dprefix, Tensor dpos) {
    tokens.tokensBackward(dout, batch, dx, dprefix, dpos);
  }

  @Override
  public void attention(Tensor qkv, int batch, int heads, Tensor probabilities, Tensor out) {
    attention.attention(qkv, batch, heads, probabilities, out);
  }

  @Override
  public void attentionBackward(
      Tensor qkv,
      int batch,
      int heads,
      Tensor probabilities,
      Tensor dout,
      Tensor workspace,
      Tensor dqkv) {
    attention.attentionBackward(qkv, batch, heads, probabilities, dout, workspace, dqkv);
  }

  @Override
  public void channelsLast(Tensor x, Tensor y) {
    elementary.channelsLast(x, y);
  }

  @Override
  public void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y) {
    convolution.convolution(x, w, stride, padding, y);
  }

  @Override
  public void convolutionBackwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx) {
    convolution.backwardInput(dy, w, stride, padding, dx);
  }

  @Override
  public void convolutionBackwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw) {
    convolution.backwardWeight(x, dy, stride, padding, dw);
  }

  @Override
  public void batchNorm(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      float momentum,
      Tensor runningMean,
      Tensor runningVariance,
      @Nullable Tensor residual,
      boolean relu,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    batchNorm.batchNorm(
        x,
        gamma,
        beta,
        epsilon,
        momentum,
        runningMean,
        runningVariance,
        residual,
        relu,
        y,
        mean,
        rstd);
  }

  @Override
  public void batchNormInference(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      float epsilon,
      @Nullable Tensor residual,
      boolean relu,
      Tensor y) {
    batchNorm.inference(x, gamma, beta, runningMean, runningVariance, epsilon, residual, relu, y);
  }

  @Override
  public void batchNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      @Nullable Tensor y,
      Tensor dy,
      @Nullable Tensor beside,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    batchNorm.backward(x, gamma, mean, rstd, y, dy, beside, dx, dgamma, dbeta);
  }

  @Override
  public void maxPool(Tensor x, int size, int stride, int padding, Tensor y) {
    maxPool.maxPool(x, size, stride, padding, y);
  }

  @Override
  public void maxPoolBackward(Tensor x, Tensor dy, int size, int stride, int padding, Tensor dx) {
    maxPool.backward(x, dy, size, stride, padding, dx);
  }

  @Override
  public void globalAveragePool(Tensor x, Tensor y) {
    elementary.globalAveragePool(x, y);
  }

  @Override
  public void globalAveragePoolBackward(Tensor dy, Tensor dx) {
    elementary.globalAveragePoolBackward(dy, dx);
  }

  @Override
  public void softmax(Tensor z, @Nullable Tensor shift, float temperature, Tensor p) {
    objective.softmax(z, shift, temperature, p);
  }

  @Override
  public double crossEntropy(Tensor p, Tensor z, float temperature, float weight, Tensor dz) {
    return objective.crossEntropy(p, z, temperature, weight, dz);
  }

  @Override
  public double entropy(Tensor p) {
    return objective.entropy(p);
  }

  @Override
  public void adamW(
      Tensor weights,
      Tensor gradients,
      Tensor m,
      Tensor v,
      float lr,
      float decay,
      float b1,
      float b2,
      float epsilon,
      long t) {
    optimiser.adamW(weights, gradients, m, v, lr, decay, b1, b2, epsilon, t);
  }

  @Override
  public void ema(Tensor teacher, Tensor student, float momentum) {
    optimiser.ema(teacher, student, momentum);
  }

  @Override
  public void topK(Tensor queries, Tensor bank, int count, int k, int[] rows, float[] scores) {
    search.topK(queries, bank, count, k, rows, scores);
  }

  @Override
  public void exactProducts(
      Tensor queries, Tensor bank, int perQuery, int[] rows, float[] products) {
    search.exactProducts(queries, bank, perQuery, rows, products);
  }
}
