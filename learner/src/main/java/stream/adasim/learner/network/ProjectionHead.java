package stream.adasim.learner.network;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * DINO's projection head (Caron et al. 2021, appendix C): three linear layers with GELU between
 * them, L2 normalisation, and the products with the unit {@link Prototypes}. The logits are
 * cosines.
 *
 * <p>Works like {@link Backbone}: own buffers, one backward per forward, not thread-safe. The batch
 * is fixed.
 */
public final class ProjectionHead {
  private static final float EPSILON = 1e-12f;

  private final Kernels kernels;
  private final Tensor hidden1; // (B, H)
  private final Tensor hidden2; // (B, H)
  private final Tensor bottleneck; // (B, N)
  private final Tensor unit; // (B, N)
  private final Tensor norms; // (B)
  private final @Nullable Backward backward;

  /** What the forward keeps for the backward, and the backward's own. */
  private record Backward(
      Tensor slope1, // (B, H)
      Tensor slope2, // (B, H)
      Tensor unit, // (B, N)
      Tensor bottleneck, // (B, N)
      Tensor hidden1, // (B, H)
      Tensor hidden2) {} // (B, H)

  private ProjectionHead(Kernels kernels, Architecture a, int batch, boolean training) {
    PrototypeHead head = a.prototypeHead();
    this.kernels = kernels;
    this.hidden1 = kernels.allocateActivation(batch, head.hidden());
    this.hidden2 = kernels.allocateActivation(batch, head.hidden());
    this.bottleneck = kernels.allocate(batch, head.bottleneck());
    this.unit = kernels.allocate(batch, head.bottleneck());
    this.norms = kernels.allocate(batch);
    this.backward =
        training
            ? new Backward(
                kernels.allocateActivation(batch, head.hidden()),
                kernels.allocateActivation(batch, head.hidden()),
                kernels.allocate(batch, head.bottleneck()),
                kernels.allocate(batch, head.bottleneck()),
                kernels.allocateActivation(batch, head.hidden()),
                kernels.allocateActivation(batch, head.hidden()))
            : null;
  }

  /** One that has a backward, for batches of exactly this many features. */
  public static ProjectionHead forTraining(Kernels kernels, Architecture architecture, int batch) {
    return new ProjectionHead(kernels, architecture, batch, true);
  }

  /** One without a backward. */
  public static ProjectionHead forInference(Kernels kernels, Architecture architecture, int batch) {
    return new ProjectionHead(kernels, architecture, batch, false);
  }

  /**
   * Logits of features.
   *
   * @param prototypes of the same weights
   * @param features (B, D)
   * @param logits (B, K), written
   */
  public void forward(Parameters weights, Prototypes prototypes, Tensor features, Tensor logits) {
    PrototypeWeights w = weights.prototypes();
    Tensor slope1 = backward == null ? null : backward.slope1;
    Tensor slope2 = backward == null ? null : backward.slope2;
    kernels.linearGelu(features, w.weight1(), w.bias1(), slope1, hidden1); // (B, H)
    kernels.linearGelu(hidden1, w.weight2(), w.bias2(), slope2, hidden2); // (B, H)
    kernels.linear(hidden2, w.weight3(), w.bias3(), null, bottleneck); // (B, N)
    kernels.normalizeRows(bottleneck, EPSILON, unit, norms); // (B, N)
    kernels.linear(unit, prototypes.unit(), null, null, logits); // (B, K)
  }

  /**
   * Adds the gradients of the head's parameters and writes those of the features. In the last
   * layer's place go the gradients of the unit prototypes: {@link Prototypes#finish} turns them
   * into those of its weights once all are added up.
   *
   * @param weights prototypes and features are those of the forward just before
   * @param dLogits (B, K)
   * @param into the parameters' gradients, accumulated into
   * @param dFeatures (B, D), written
   * @throws IllegalStateException if this one was made for inference
   */
  public void backward(
      Parameters weights,
      Prototypes prototypes,
      Tensor features,
      Tensor dLogits,
      Parameters into,
      Tensor dFeatures) {
    if (backward == null) {
      throw new IllegalStateException("a head made for inference has no backward");
    }
    PrototypeWeights w = weights.prototypes();
    PrototypeWeights g = into.prototypes();
    Backward d = backward;

    kernels.linearBackwardWeight(unit, dLogits, g.last(), null);
    kernels.linearBackwardInput(dLogits, prototypes.unit(), d.unit, false);
    kernels.normalizeRowsBackward(unit, norms, d.unit, d.bottleneck, false);

    kernels.linearBackwardWeight(hidden2, d.bottleneck, g.weight3(), g.bias3());
    kernels.linearBackwardInput(d.bottleneck, w.weight3(), d.hidden2, false);
    kernels.geluBackward(d.slope2, d.hidden2, d.hidden2);
    kernels.linearBackwardWeight(hidden1, d.hidden2, g.weight2(), g.bias2());
    kernels.linearBackwardInput(d.hidden2, w.weight2(), d.hidden1, false);
    kernels.geluBackward(d.slope1, d.hidden1, d.hidden1);
    kernels.linearBackwardWeight(features, d.hidden1, g.weight1(), g.bias1());
    kernels.linearBackwardInput(d.hidden1, w.weight1(), dFeatures, false); // (B, D)
  }
}
