package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * A projector or a predictor, with batch norm by the statistics of the batch: the batch is one
 * view's images, all of them, as all of the objectives' authors have it (PyTorch's epsilon and
 * momentum).
 *
 * <p>Works like {@link Backbone}: own buffers, one backward per forward, not thread-safe. The batch
 * is fixed.
 */
public final class Mlp {
  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = 0.1f;

  private final Kernels kernels;
  private final Function<MlpWeights, List<MlpWeights.Layer>> part;
  private final int batch;
  private final List<Layer> layers = new ArrayList<>();

  /** A layer's shape and buffers. */
  private record Layer(
      MlpLayer shape,
      Tensor product, // (B, O)
      Tensor output, // (B, O); the product itself where nothing follows it
      @Nullable Normed normed,
      @Nullable Backward backward) {}

  /** What batch norm keeps, and what stands in for a gain and a shift that a layer lacks. */
  private record Normed(
      Tensor mean, // (O)
      Tensor rstd, // (O)
      Tensor ones, // (O)
      Tensor zeros, // (O)
      Tensor lost) {} // (O), gradients of ones and zeros

  private record Backward(
      Tensor dOutput, // (B, O)
      Tensor dProduct) {} // (B, O)

  private Mlp(
      Kernels kernels,
      List<MlpLayer> shapes,
      Function<MlpWeights, List<MlpWeights.Layer>> part,
      int batch,
      boolean training) {
    this.kernels = kernels;
    this.part = part;
    this.batch = batch;
    shapes.forEach(shape -> layers.add(layer(shape, training)));
  }

  private Layer layer(MlpLayer shape, boolean training) {
    int outputs = shape.outputs();
    Tensor product = kernels.allocate(batch, outputs);
    Normed normed = null;
    if (shape.normed()) {
      Tensor ones = kernels.allocate(outputs);
      kernels.fill(ones, 1);
      normed =
          new Normed(
              kernels.allocate(outputs),
              kernels.allocate(outputs),
              ones,
              kernels.allocate(outputs),
              kernels.allocate(outputs));
    }
    Backward backward =
        training
            ? new Backward(kernels.allocate(batch, outputs), kernels.allocate(batch, outputs))
            : null;
    Tensor output = shape.normed() ? kernels.allocate(batch, outputs) : product;
    return new Layer(shape, product, output, normed, backward);
  }

  /**
   * From features to projections, for batches of exactly so many.
   *
   * @param training whether it has a backward
   * @throws IllegalStateException if the architecture's head is DINO's
   */
  public static Mlp projector(
      Kernels kernels, Architecture architecture, int batch, boolean training) {
    List<MlpLayer> shapes = architecture.mlpHead().projector(architecture.backbone());
    return new Mlp(kernels, shapes, MlpWeights::projector, batch, training);
  }

  /**
   * From projections to predictions, with a backward.
   *
   * @return null where the head has no predictor
   */
  public static @Nullable Mlp predictor(Kernels kernels, Architecture architecture, int batch) {
    List<MlpLayer> shapes = architecture.mlpHead().predictor(architecture.backbone());
    return shapes.isEmpty() ? null : new Mlp(kernels, shapes, MlpWeights::predictor, batch, true);
  }

  /**
   * Runs it; running statistics move.
   *
   * @param x (B, I); to stay as it is until the backward
   * @return (B, O), overwritten by the next call
   */
  public Tensor forward(Parameters weights, Tensor x) {
    List<MlpWeights.Layer> ws = part.apply(weights.mlp());
    Tensor y = x;
    for (int i = 0; i < layers.size(); i++) {
      y = forward(layers.get(i), ws.get(i), y);
    }
    return y;
  }

  private Tensor forward(Layer layer, MlpWeights.Layer w, Tensor x) {
    kernels.linear(x, w.weight(), w.bias(), null, layer.product); // (B, O)
    if (layer.normed != null) {
      kernels.batchNorm(
          images(layer.product),
          gamma(layer.normed, w),
          w.beta() == null ? layer.normed.zeros : w.beta(),
          EPSILON,
          MOMENTUM,
          Objects.requireNonNull(w.runningMean()),
          Objects.requireNonNull(w.runningVariance()),
          null,
          layer.shape.relu(),
          images(layer.output),
          layer.normed.mean,
          layer.normed.rstd);
    }
    return layer.output;
  }

  /**
   * Adds the gradients of the parameters and writes those of the input.
   *
   * @param weights and x are those of the forward just before
   * @param dy (B, O), left as it is
   * @param into accumulated into
   * @param dx (B, I), written
   * @throws IllegalStateException if this one was made without a backward
   */
  public void backward(Parameters weights, Tensor x, Tensor dy, Parameters into, Tensor dx) {
    List<MlpWeights.Layer> ws = part.apply(weights.mlp());
    List<MlpWeights.Layer> gs = part.apply(into.mlp());
    Tensor dOutput = dy;
    for (int i = layers.size() - 1; i >= 0; i--) {
      Tensor input = i == 0 ? x : layers.get(i - 1).output;
      Tensor dInput = i == 0 ? dx : backwardOf(layers.get(i - 1)).dOutput;
      backward(layers.get(i), ws.get(i), input, dOutput, gs.get(i), dInput);
      dOutput = dInput;
    }
  }

  private void backward(
      Layer layer, MlpWeights.Layer w, Tensor x, Tensor dy, MlpWeights.Layer g, Tensor dx) {
    Tensor dProduct = dy;
    if (layer.normed != null) {
      dProduct = backwardOf(layer).dProduct;
      kernels.batchNormBackward(
          images(layer.product),
          gamma(layer.normed, w),
          layer.normed.mean,
          layer.normed.rstd,
          layer.shape.relu() ? images(layer.output) : null, // then dy is a buffer of our own
          images(dy),
          null,
          images(dProduct),
          g.gamma() == null ? layer.normed.lost : g.gamma(),
          g.beta() == null ? layer.normed.lost : g.beta());
    }
    kernels.linearBackwardWeight(x, dProduct, g.weight(), g.bias());
    kernels.linearBackwardInput(dProduct, w.weight(), dx, false); // (B, I)
  }

  private static Tensor gamma(Normed normed, MlpWeights.Layer w) {
    return w.gamma() == null ? normed.ones : w.gamma();
  }

  private static Backward backwardOf(Layer layer) {
    if (layer.backward == null) {
      throw new IllegalStateException("a head made for inference has no backward");
    }
    return layer.backward;
  }

  /** Rows as images of one pixel, whose channels are the columns. */
  private static Tensor images(Tensor rows) {
    return rows.view(0, rows.rows(), 1, 1, rows.columns());
  }
}
