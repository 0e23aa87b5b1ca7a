package stream.adasim.compute;

import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The operations that networks, objectives, the optimiser and the neighbour memory are written in.
 *
 * <p>Every output is a tensor that the caller allocated; nothing is allocated in a call that stays.
 * Shapes are given as (rows, columns); tensors of more axes are read as (product of the leading
 * axes, last axis). Outputs must not overlap inputs unless a method says that they may. Wrong
 * shapes throw {@link IllegalArgumentException} naming kernel, found and expected shapes. Calls of
 * one instance may come from several threads, on tensors that no other thread is using.
 *
 * <p>For the same inputs, thread count and machine the results are the same bit for bit.
 */
public interface Kernels extends AutoCloseable {

  /** One line for the log: backend, threads, instruction set, libraries. */
  String describe();

  /** What products multiply in, {@link Precision#FP32} or {@link Precision#BF16}. */
  default Precision precision() {
    return Precision.FP32;
  }

  /** A new tensor filled with zeros; released when it is no longer reachable. */
  Tensor allocate(int... shape);

  /**
   * A new tensor of zeros for activations, in bfloat16 where that is what products multiply in,
   * else like {@link #allocate}. Those in bfloat16 are taken by {@link #fill}, {@link #copy},
   * {@link #axpy}, {@link #gatherRows} and {@link #scatterAddRows}, by linear layers, attention and
   * their backwards for all but weights, biases, residuals, scratch and what is accumulated, as y
   * of {@link #layerNorm}, and as images that are channels last by all that takes such, all images
   * of one call being of one type.
   */
  default Tensor allocateActivation(int... shape) {
    return allocate(shape);
  }

  /**
   * Says that weights stay as they are until {@link #release}, so that products may keep them in
   * the form that they multiply in. No product of theirs may be under way.
   *
   * @param weights whole, of which a product may take a part
   */
  default void hold(Tensor weights) {}

  /** {@link #hold}, of weights that are as they were when they were last held. */
  default void holdAgain(Tensor weights) {}

  /** Says that weights may be written again. */
  default void release(Tensor weights) {}

  /**
   * How many threads should call at once for the machine to be busy: 1 where operations are spread
   * over all threads by themselves, the number of threads where a task of {@link #run} computes on
   * one thread. Work that falls into parts (the images of a batch) is then faster part by part,
   * each with tensors of its own that stay in a core's cache.
   */
  int workers();

  /**
   * Runs task(0) to task(tasks - 1), {@link #workers} of them at a time, and returns when all have
   * ended. Which thread runs a task is not said; results must not depend on it.
   *
   * @throws RuntimeException the first failure in the order of the tasks, when all have ended
   */
  void run(int tasks, IntConsumer task);

  /**
   * Kernels that compute alone on the thread that calls them, at the same time as these, and take
   * each other's tensors; the caller's to close. Empty where the device serves one caller at a
   * time.
   */
  Optional<Kernels> beside();

  @Override
  void close();

  // Elementary

  /** Sets every element. */
  void fill(Tensor x, float value);

  /** {@code y = x}; same size, rounded where y is of fewer bits. */
  void copy(Tensor x, Tensor y);

  /** {@code y += alpha * x}; same size. */
  void axpy(float alpha, Tensor x, Tensor y);

  /** {@code x *= alpha}. */
  void scale(float alpha, Tensor x);

  /** {@code y = x[first], x[first + stride], ...}: every stride-th row; x (R, D), y (n, D). */
  void gatherRows(Tensor x, int first, int stride, Tensor y);

  /** {@code y[first + i * stride] += x[i]}: the backward of {@link #gatherRows}. */
  void scatterAddRows(Tensor x, int first, int stride, Tensor y);

  /** {@code y[r] = factors[r] * x[r]} per row; x, y (R, D), factors (R). y may be x. */
  void scaleRows(Tensor x, Tensor factors, Tensor y);

  /** {@code out[c] = mean over rows of x[r, c]}; x (R, C), out (C). */
  void columnMean(Tensor x, Tensor out);

  /** Square root of the sum of squares, accumulated in double precision or pairwise. */
  double norm(Tensor x);

  // Products

  /**
   * {@code y = x w' + bias + residual}; x (N, I), w (O, I), bias (O), residual (N, O), y (N, O).
   * Residual may be y itself.
   */
  void linear(Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y);

  /**
   * {@code y = gelu(x w' + bias)} with the exact GELU, z * Phi(z), of Hendrycks and Gimpel (2016).
   * Where a slope is given, Phi(z) + z * phi(z) is kept in it for {@link #geluBackward}; x (N, I),
   * w (O, I), bias (O), slope and y (N, O). In bfloat16 both may be off by 5e-4 beside rounding.
   */
  void linearGelu(Tensor x, Tensor w, Tensor bias, @Nullable Tensor slope, Tensor y);

  /** {@code dx = dy w}, or {@code dx += dy w}; dy (N, O), w (O, I), dx (N, I). */
  void linearBackwardInput(Tensor dy, Tensor w, Tensor dx, boolean accumulate);

  /**
   * {@code dw += dy' x}, {@code dbias += column sums of dy}; dy (N, O), x (N, I), dw (O, I), dbias
   * (O).
   */
  void linearBackwardWeight(Tensor x, Tensor dy, Tensor dw, @Nullable Tensor dbias);

  /** {@code dpre = dy * slope}, the slope being {@link #linearGelu}'s; dpre may be dy. */
  void geluBackward(Tensor slope, Tensor dy, Tensor dpre);

  // Normalisation

  /**
   * Layer norm of each row (Ba et al. 2016): {@code y = (x - mean) * rstd * gamma + beta}, rstd = 1
   * / sqrt(variance + epsilon), the variance divided by D. x, y (N, D); gamma, beta (D); mean, rstd
   * (N) are kept for the backward.
   */
  void layerNorm(
      Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y, Tensor mean, Tensor rstd);

  /**
   * Backward of {@link #layerNorm}: {@code dx = ...} or {@code dx += ...}; dgamma and dbeta are
   * always accumulated.
   */
  void layerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Tensor dy,
      Tensor dx,
      boolean accumulate,
      Tensor dgamma,
      Tensor dbeta);

  /**
   * {@code y = x / max(||x||, epsilon)} per row; norms (N) receives the divisor. Serves L2
   * normalisation of features and, over a weight matrix, weight normalisation with gain 1 (Salimans
   * and Kingma 2016).
   */
  void normalizeRows(Tensor x, float epsilon, Tensor y, Tensor norms);

  /**
   * Backward of {@link #normalizeRows} away from epsilon: {@code dx = (dy - y (y . dy)) / norm},
   * accumulated into dx where asked; dx may be dy where it is not.
   */
  void normalizeRowsBackward(Tensor y, Tensor norms, Tensor dy, Tensor dx, boolean accumulate);

  // Vision transformer

  /**
   * Cuts images into flattened patches: images (B, C, H, W), patches (B * H/p * W/p, C * p * p),
   * the columns ordered channel, row, column, the patches row by row.
   */
  void patches(Tensor images, int patchSize, Tensor patches);

  /**
   * Puts tokens together: the class token, registers without a position (Darcet et al. 2024), the
   * patches. {@code out[b, 0] = prefix[0] + pos[0]}, {@code out[b, r] = prefix[r]} for the other
   * rows of prefix, {@code out[b, P + t] = x[b, t] + pos[1 + t]}; x (B * T, D), prefix (P, D), or
   * (D) where there are no registers, pos (T + 1, D), out (B * (P + T), D).
   */
  void tokens(Tensor x, Tensor prefix, Tensor pos, int batch, Tensor out);

  /** Backward of {@link #tokens}: dx is written, dprefix and dpos are accumulated. */
  void tokensBackward(Tensor dout, int batch, Tensor dx, Tensor dprefix, Tensor dpos);

  /**
   * Multi-head self-attention (Vaswani et al. 2017), scores scaled by 1 / sqrt(D / heads). qkv (B *
   * T, 3 D), the columns ordered q, k, v and within each by head; probabilities (B, heads, T, T)
   * are kept for the backward; out (B * T, D).
   */
  void attention(Tensor qkv, int batch, int heads, Tensor probabilities, Tensor out);

  /** Backward of {@link #attention}: dqkv is written. scratch has the shape of probabilities. */
  void attentionBackward(
      Tensor qkv,
      int batch,
      int heads,
      Tensor probabilities,
      Tensor dout,
      Tensor scratch,
      Tensor dqkv);

  // Convolutional networks: images are channels last, a pixel's channels side by side

  /** Images by planes to channels last; x (B, C, H, W), y (B, H, W, C). */
  void channelsLast(Tensor x, Tensor y);

  /**
   * Cross-correlation without bias, as convolutional networks use it (LeCun et al. 1998): {@code
   * y[b, i, j, o] = sum over c, u, v of w[o, c, u, v] x[b, i * stride + u - padding, j * stride + v
   * - padding, c]}, x being 0 outside of the image. x (B, H, W, C), w (O, C, k, k), y (B, H', W',
   * O) with H' = floor((H + 2 padding - k) / stride) + 1 and W' alike.
   *
   * @throws IllegalArgumentException also if stride is below 1, padding is negative, or the padded
   *     image is smaller than k
   */
  void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y);

  /**
   * Backward of {@link #convolution} with respect to x, which is written: {@code dx[b, r, q, c] =
   * sum of w[o, c, u, v] dy[b, i, j, o]} over all o, i, j, u, v that read pixel (r, q). dy (B, H',
   * W', O), w (O, C, k, k), dx (B, H, W, C).
   *
   * @throws IllegalArgumentException as {@link #convolution} does
   */
  void convolutionBackwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx);

  /**
   * Backward of {@link #convolution} with respect to w, accumulated: {@code dw[o, c, u, v] += sum
   * over b, i, j of dy[b, i, j, o] x[b, i * stride + u - padding, j * stride + v - padding, c]}. x
   * (B, H, W, C), dy (B, H', W', O), dw (O, C, k, k).
   *
   * @throws IllegalArgumentException as {@link #convolution} does
   */
  void convolutionBackwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw);

  /**
   * Batch norm with the statistics of the batch (Ioffe and Szegedy 2015), and what follows it in a
   * residual network: {@code y = act((x - mean) * rstd * gamma + beta + residual)} per channel,
   * mean and variance over B, H and W, rstd = 1 / sqrt(variance + epsilon), the variance divided by
   * n = B H W. x, residual, y (B, H, W, C); all others (C); mean and rstd are kept for the
   * backward. y may be residual.
   *
   * <p>The running statistics follow as PyTorch's do: {@code running = (1 - momentum) * running +
   * momentum * batch}, where the batch's variance is the unbiased one, divided by n - 1.
   *
   * @param momentum weight of this batch in the running statistics, 0..1
   * @param relu whether act is max(., 0), not a number where its argument is not; else nothing
   * @throws IllegalArgumentException also if momentum is not within 0..1, or a channel has a single
   *     value, which has no variance
   */
  void batchNorm(
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
      Tensor rstd);

  /**
   * Batch norm with the running statistics: {@code y = act((x - runningMean) / sqrt(runningVariance
   * + epsilon) * gamma + beta + residual)} per channel, act as for {@link #batchNorm}. x, residual,
   * y (B, H, W, C); all others (C). y may be residual.
   */
  void batchNormInference(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      float epsilon,
      @Nullable Tensor residual,
      boolean relu,
      Tensor y);

  /**
   * Backward of {@link #batchNorm}, through the batch's statistics too. First what comes back is
   * put together in dy: {@code dy += beside}, where that is given, and where y is given, which says
   * that a ReLU made it, {@code dy = 0 * dy} unless y &gt; 0; dy is then the gradient of the
   * residual. With xhat = (x - mean) * rstd, {@code dbeta += sum dy}, {@code dgamma += sum dy
   * xhat}, and of these sums without what was there before, {@code dx = gamma * rstd * (dy - sum dy
   * / n - xhat * sum(dy xhat) / n)}. x, y, dy, beside, dx (B, H, W, C); all others (C). dx is
   * written, and may be beside.
   */
  void batchNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      @Nullable Tensor y,
      Tensor dy,
      @Nullable Tensor beside,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta);

  /**
   * Largest value of each window: {@code y[b, i, j, c] = max over u, v of x[b, i * stride + u -
   * padding, j * stride + v - padding, c]}, what lies outside of the image left out. x (B, H, W,
   * C), y (B, H', W', C) with H' = floor((H + 2 padding - size) / stride) + 1 and W' alike.
   *
   * @param size side of a window
   * @throws IllegalArgumentException also if stride is below 1, padding is negative or more than
   *     half of size, or the padded image is smaller than a window
   */
  void maxPool(Tensor x, int size, int stride, int padding, Tensor y);

  /**
   * Backward of {@link #maxPool}, dx is written: each dy goes to the pixel that its window took,
   * the first in rows and then in columns of those that are equal. x, dx (B, H, W, C), dy (B, H',
   * W', C).
   *
   * @throws IllegalArgumentException as {@link #maxPool} does
   */
  void maxPoolBackward(Tensor x, Tensor dy, int size, int stride, int padding, Tensor dx);

  /** {@code y[b, c] = mean over H and W of x[b, ., ., c]}; x (B, H, W, C), y (B, C). */
  void globalAveragePool(Tensor x, Tensor y);

  /** Backward of {@link #globalAveragePool}: {@code dx[b, i, j, c] = dy[b, c] / (H W)}. */
  void globalAveragePoolBackward(Tensor dy, Tensor dx);

  // Objective

  /** {@code p = softmax((z - shift) / temperature)} per row; z, p (N, K), shift (K) or none. */
  void softmax(Tensor z, @Nullable Tensor shift, float temperature, Tensor p);

  /**
   * Cross-entropy of targets and student logits, {@code mean over rows of -sum_k p log softmax(z /
   * temperature)}, times weight. The gradient with respect to z, {@code weight / (N temperature)
   * (softmax(z / temperature) - p)} for targets that sum to 1, goes to dz.
   *
   * @return weight times the mean, in nats
   */
  double crossEntropy(Tensor p, Tensor z, float temperature, float weight, Tensor dz);

  /** Entropy in nats, summed over all rows: {@code -sum p log p}, 0 log 0 = 0. */
  double entropy(Tensor p);

  // Optimiser, over flat buffers

  /**
   * AdamW (Loshchilov and Hutter 2019) over flat buffers of one size: {@code w -= lr * decay * w; m
   * = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 -
   * b2^t)) + epsilon)}.
   *
   * @param t number of this step, from 1
   */
  void adamW(
      Tensor weights,
      Tensor gradients,
      Tensor m,
      Tensor v,
      float lr,
      float decay,
      float b1,
      float b2,
      float epsilon,
      long t);

  /** {@code teacher = momentum * teacher + (1 - momentum) * student}; flat buffers of one size. */
  void ema(Tensor teacher, Tensor student, float momentum);

  // Neighbour memory

  /**
   * Exact inner-product search: for each query the k rows of the first {@code count} rows of the
   * bank with the largest product, largest first, equal products by the lower row. Where k exceeds
   * count the rest is filled with row -1 and negative infinity. Products must be finite.
   *
   * @param queries (Q, D)
   * @param bank (at least count, D)
   * @param rows receives Q * k row numbers
   * @param scores receives Q * k products
   */
  void topK(Tensor queries, Tensor bank, int count, int k, int[] rows, float[] scores);

  /**
   * As {@link #topK(Tensor, Tensor, int, int, int[], float[])}, with an outline of every vector
   * that is much shorter than the vector: the product of two outlines plus slack is nowhere below
   * the vectors' own product. A backend may leave out the products of rows whose outlines say that
   * they cannot be among the largest; this one leaves out none.
   *
   * @param queryOutlines (Q, P)
   * @param outlines (as many rows as the bank, P)
   * @param known (Q, k): rows that are likely to have a query's largest products, different ones;
   *     -1 where there is none. They spare work, and where products are equal, may come first
   * @return which of the Q * count products were computed
   */
  default SearchWork topK(
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
    SearchShapes.outlines(queries, bank, queryOutlines, outlines);
    SearchShapes.known(queries, count, k, known);
    topK(queries, bank, count, k, rows, scores);
    return new SearchWork((long) queries.rows() * count, 0);
  }

  /**
   * Room for quantized copies of a bank's vectors; empty where products of such are no faster than
   * float32's.
   */
  default Optional<QuantizedVectors> quantized(int rows, int dimension) {
    return Optional.empty();
  }

  /**
   * As {@link #topK(Tensor, Tensor, int, int, int[], float[])}, quantized copies multiplied first.
   * How far they lie from their vectors bounds every product, and where the bound says that one
   * cannot be among the largest, it is left out.
   *
   * @param quantized copies of the first {@code count} rows as they are, from {@link #quantized}
   * @param known (Q, k): rows that are likely to have a query's largest products, different ones;
   *     -1 where there is none. They spare work, and where products are equal, may come first
   * @return which of the Q * count products were computed from the vectors themselves
   */
  default SearchWork topK(
      Tensor queries,
      Tensor bank,
      QuantizedVectors quantized,
      int[] known,
      int count,
      int k,
      int[] rows,
      float[] scores) {
    throw new IllegalArgumentException("topK: these kernels have no quantized vectors");
  }

  /**
   * Products of each query with rows of its own, the same bits wherever the vectors lie and on
   * every machine and backend. Two floats' product is exact in double precision; that of column c
   * is added to sum c modulo 8 of eight, in the order of the columns, and the sums are added up as
   * {@code ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))}, then rounded to float.
   *
   * @param queries (Q, D)
   * @param bank (any number, D)
   * @param perQuery how many rows each query has
   * @param rows Q * perQuery row numbers; negative ones are passed over
   * @param products receives Q * perQuery products, negative infinity where the row is negative
   */
  void exactProducts(Tensor queries, Tensor bank, int perQuery, int[] rows, float[] products);
}
