package stream.adasim.compute.onednn;

import java.lang.ref.Reference;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.BackendException;
import stream.adasim.compute.ElementType;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;
import stream.adasim.compute.QuantizedVectors;
import stream.adasim.compute.SearchWork;
import stream.adasim.compute.Tensor;

/**
 * Kernels by oneDNN and the Vector API. A task of {@link #run} computes on one thread; calls from
 * elsewhere are spread over all threads. For a given number of threads the same calls give the same
 * bits.
 */
public final class OnednnKernels implements Kernels {
  private static final Logger LOG = LoggerFactory.getLogger(OnednnKernels.class);

  private final Threads threads;
  private final Precision asked;
  private final boolean bfloat16;
  private final Elementary elementary;
  private final Products products;
  private final Norms norms;
  private final Tokens tokens = new Tokens();
  private final Attention attention;
  private final Convolution convolution;
  private final MaxPool maxPool;
  private final BatchNorm batchNorm;
  private final Objective objective;
  private final Optimiser optimiser;
  private final Search search;

  private OnednnKernels(int threads, Precision asked, boolean bfloat16) {
    this.threads = new Threads(threads);
    this.asked = asked;
    this.bfloat16 = bfloat16;
    this.elementary = new Elementary(this.threads);
    this.products = new Products(this.threads, bfloat16);
    this.norms = new Norms(this.threads);
    this.attention = new Attention(this.threads);
    this.convolution = new Convolution(this.threads, bfloat16);
    this.maxPool = new MaxPool(this.threads);
    this.batchNorm = new BatchNorm(this.threads);
    this.objective = new Objective(this.threads);
    this.optimiser = new Optimiser(this.threads);
    this.search = new Search(this.threads);
  }

  /** Whether the class path holds the library for this platform. */
  public static boolean available() {
    return NativeLibrary.available();
  }

  /** {@link #open(int, Precision)} in float32. */
  public static OnednnKernels open(int threads) {
    return open(threads, Precision.FP32);
  }

  /**
   * Loads the library on first use, and starts the workers.
   *
   * @param threads threads for the arithmetic, 0 for one per processor
   * @param precision of the products of linear layers
   * @throws IllegalArgumentException if threads is negative
   * @throws BackendException if bfloat16 is asked for and the processor cannot even emulate it
   * @throws IllegalStateException if the class path lacks the library
   * @throws java.io.UncheckedIOException if it cannot be unpacked
   */
  public static OnednnKernels open(int threads, Precision precision) {
    if (threads < 0) {
      throw new IllegalArgumentException("threads=" + threads + " must be 0 or more");
    }
    int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return new OnednnKernels(count, precision, bfloat16(precision));
  }

  private static boolean bfloat16(Precision precision) {
    if (precision != Precision.BF16) {
      return precision == Precision.AUTO && Description.bfloat16Instructions();
    }
    if (!Description.bfloat16Emulation()) {
      throw new BackendException(
          "compute.precision=bf16: the processor has no AVX-512, which bfloat16 products need; set"
              + " compute.precision to auto or fp32");
    }
    if (!Description.bfloat16Instructions()) {
      LOG.warn(
          "compute.precision=bf16: the processor has no bfloat16 instructions and emulates them,"
              + " which is several times slower than float32; compute.precision=auto takes float32"
              + " here");
    }
    return true;
  }

  @Override
  public String describe() {
    return Description.of(threads.count(), asked, bfloat16);
  }

  @Override
  public Precision precision() {
    return bfloat16 ? Precision.BF16 : Precision.FP32;
  }

  @Override
  public Tensor allocate(int... shape) {
    return NativeTensor.zeros(shape);
  }

  @Override
  public Tensor allocateActivation(int... shape) {
    return NativeTensor.zeros(bfloat16 ? ElementType.BFLOAT16 : ElementType.FLOAT32, shape);
  }

  @Override
  public void hold(Tensor weights) {
    products.hold(weights, true);
  }

  @Override
  public void holdAgain(Tensor weights) {
    products.hold(weights, false);
  }

  @Override
  public void release(Tensor weights) {
    products.release(weights);
  }

  @Override
  public int workers() {
    return threads.count();
  }

  @Override
  public void run(int tasks, IntConsumer task) {
    threads.run(tasks, task);
  }

  @Override
  public Optional<Kernels> beside() {
    return Optional.of(new OnednnKernels(1, asked, bfloat16));
  }

  /** Ends the workers; tensors live on while they are reachable. */
  @Override
  public void close() {
    threads.close();
    products.close();
  }

  /** Kernels work on addresses: until they are done, the tensors must not be collected. */
  @SuppressWarnings("ReachabilityFenceUsage") // it is the last call, and after a failure none runs
  private static void keep(
      @Nullable Object first,
      @Nullable Object second,
      @Nullable Object third,
      @Nullable Object fourth) {
    Reference.reachabilityFence(first);
    Reference.reachabilityFence(second);
    Reference.reachabilityFence(third);
    Reference.reachabilityFence(fourth);
  }

  @Override
  public void fill(Tensor x, float value) {
    elementary.fill(x, value);
    keep(x, null, null, null);
  }

  @Override
  public void copy(Tensor x, Tensor y) {
    elementary.copy(x, y);
    keep(x, y, null, null);
  }

  @Override
  public void axpy(float alpha, Tensor x, Tensor y) {
    elementary.axpy(alpha, x, y);
    keep(x, y, null, null);
  }

  @Override
  public void scale(float alpha, Tensor x) {
    elementary.scale(alpha, x);
    keep(x, null, null, null);
  }

  @Override
  public void gatherRows(Tensor x, int first, int stride, Tensor y) {
    elementary.gatherRows(x, first, stride, y);
    keep(x, y, null, null);
  }

  @Override
  public void scatterAddRows(Tensor x, int first, int stride, Tensor y) {
    elementary.scatterAddRows(x, first, stride, y);
    keep(x, y, null, null);
  }

  @Override
  public void scaleRows(Tensor x, Tensor factors, Tensor y) {
    elementary.scaleRows(x, factors, y);
    keep(x, factors, y, null);
  }

  @Override
  public void columnMean(Tensor x, Tensor out) {
    elementary.columnMean(x, out);
    keep(x, out, null, null);
  }

  @Override
  public double norm(Tensor x) {
    double result = objective.norm(x);
    keep(x, null, null, null);
    return result;
  }

  @Override
  public void linear(
      Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y) {
    products.linear(x, w, bias, residual, y);
    keep(x, w, bias, residual);
    keep(y, null, null, null);
  }

  @Override
  public void linearGelu(Tensor x, Tensor w, Tensor bias, @Nullable Tensor slope, Tensor y) {
    products.linearGelu(x, w, bias, slope, y);
    keep(x, w, bias, slope);
    keep(y, null, null, null);
  }

  @Override
  public void linearBackwardInput(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
    products.linearBackwardInput(dy, w, dx, accumulate);
    keep(dy, w, dx, null);
  }

  @Override
  public void linearBackwardWeight(Tensor x, Tensor dy, Tensor dw, @Nullable Tensor dbias) {
    products.linearBackwardWeight(x, dy, dw, dbias);
    keep(x, dy, dw, dbias);
  }

  @Override
  public void geluBackward(Tensor slope, Tensor dy, Tensor dpre) {
    products.geluBackward(slope, dy, dpre);
    keep(slope, dy, dpre, null);
  }

  @Override
  public void layerNorm(
      Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
    norms.layerNorm(x, gamma, beta, epsilon, y, mean, rstd);
    keep(x, gamma, beta, y);
    keep(mean, rstd, null, null);
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
    keep(x, gamma, mean, rstd);
    keep(dy, dx, dgamma, dbeta);
  }

  @Override
  public void normalizeRows(Tensor x, float epsilon, Tensor y, Tensor lengths) {
    norms.normalizeRows(x, epsilon, y, lengths);
    keep(x, y, lengths, null);
  }

  @Override
  public void normalizeRowsBackward(
      Tensor y, Tensor lengths, Tensor dy, Tensor dx, boolean accumulate) {
    norms.normalizeRowsBackward(y, lengths, dy, dx, accumulate);
    keep(y, lengths, dy, dx);
  }

  @Override
  public void patches(Tensor images, int patchSize, Tensor patches) {
    tokens.patches(images, patchSize, patches);
    keep(images, patches, null, null);
  }

  @Override
  public void tokens(Tensor x, Tensor prefix, Tensor pos, int batch, Tensor out) {
    tokens.tokens(x, prefix, pos, batch, out);
    keep(x, prefix, pos, out);
  }

  @Override
  public void tokensBackward(Tensor dout, int batch, Tensor dx, Tensor dprefix, Tensor dpos) {
    tokens.tokensBackward(dout, batch, dx, dprefix, dpos);
    keep(dout, dx, dprefix, dpos);
  }

  @Override
  public void attention(Tensor qkv, int batch, int heads, Tensor probabilities, Tensor out) {
    attention.attention(qkv, batch, heads, probabilities, out);
    keep(qkv, probabilities, out, null);
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
    keep(qkv, probabilities, dout, workspace);
    keep(dqkv, null, null, null);
  }

  @Override
  public void channelsLast(Tensor x, Tensor y) {
    elementary.channelsLast(x, y);
    keep(x, y, null, null);
  }

  @Override
  public void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y) {
    convolution.convolution(x, w, stride, padding, y);
    keep(x, w, y, null);
  }

  @Override
  public void convolutionBackwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx) {
    convolution.backwardInput(dy, w, stride, padding, dx);
    keep(dy, w, dx, null);
  }

  @Override
  public void convolutionBackwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw) {
    convolution.backwardWeight(x, dy, stride, padding, dw);
    keep(x, dy, dw, null);
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
    keep(x, gamma, beta, runningMean);
    keep(runningVariance, y, mean, rstd);
    keep(residual, null, null, null);
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
    keep(x, gamma, beta, runningMean);
    keep(runningVariance, residual, y, null);
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
    keep(x, gamma, mean, rstd);
    keep(y, dy, beside, dx);
    keep(dgamma, dbeta, null, null);
  }

  @Override
  public void maxPool(Tensor x, int size, int stride, int padding, Tensor y) {
    maxPool.maxPool(x, size, stride, padding, y);
    keep(x, y, null, null);
  }

  @Override
  public void maxPoolBackward(Tensor x, Tensor dy, int size, int stride, int padding, Tensor dx) {
    maxPool.backward(x, dy, size, stride, padding, dx);
    keep(x, dy, dx, null);
  }

  @Override
  public void globalAveragePool(Tensor x, Tensor y) {
    elementary.globalAveragePool(x, y);
    keep(x, y, null, null);
  }

  @Override
  public void globalAveragePoolBackward(Tensor dy, Tensor dx) {
    elementary.globalAveragePoolBackward(dy, dx);
    keep(dy, dx, null, null);
  }

  @Override
  public void softmax(Tensor z, @Nullable Tensor shift, float temperature, Tensor p) {
    objective.softmax(z, shift, temperature, p);
    keep(z, shift, p, null);
  }

  @Override
  public double crossEntropy(Tensor p, Tensor z, float temperature, float weight, Tensor dz) {
    double result = objective.crossEntropy(p, z, temperature, weight, dz);
    keep(p, z, dz, null);
    return result;
  }

  @Override
  public double entropy(Tensor p) {
    double result = objective.entropy(p);
    keep(p, null, null, null);
    return result;
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
    keep(weights, gradients, m, v);
  }

  @Override
  public void ema(Tensor teacher, Tensor student, float momentum) {
    optimiser.ema(teacher, student, momentum);
    keep(teacher, student, null, null);
  }

  @Override
  public void topK(Tensor queries, Tensor bank, int count, int k, int[] rows, float[] scores) {
    search.topK(queries, bank, count, k, rows, scores);
    keep(queries, bank, null, null);
  }

  @Override
  public SearchWork topK(
      Tensor queries,
      Tensor bank,
      Tensor queryOutlines,
      Tensor outlines,
      float slack,
      int[] known,
      int count,
      int k,
      int[] rows,
      float[] scores) {
    return search.topK(
        queries, bank, queryOutlines, outlines, slack, known, count, k, rows, scores);
  }

  /** Where the processor multiplies whole numbers of 8 bits itself (AVX-512 with VNNI). */
  @Override
  public Optional<QuantizedVectors> quantized(int rows, int dimension) {
    return Description.int8Instructions()
        ? Optional.of(QuantizedBank.unsigned(rows, dimension))
        : Optional.empty();
  }

  @Override
  public SearchWork topK(
      Tensor queries,
      Tensor bank,
      QuantizedVectors quantized,
      int[] known,
      int count,
      int k,
      int[] rows,
      float[] scores) {
    SearchWork work = search.topK(queries, bank, quantized, known, count, k, rows, scores);
    keep(queries, bank, quantized, null);
    return work;
  }

  @Override
  public void exactProducts(
      Tensor queries, Tensor bank, int perQuery, int[] rows, float[] products) {
    search.exactProducts(queries, bank, perQuery, rows, products);
  }
}
