package stream.adasim.learner.network;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * The last layer of {@link ProjectionHead} as it multiplies: rows of unit length (weight
 * normalisation, Salimans and Kingma 2016, the gain fixed at 1). Made once per step and then only
 * read, by as many heads as there are.
 */
public final class Prototypes {
  private static final float EPSILON = 1e-12f;

  private final Kernels kernels;
  private final Tensor unit; // (K, N)
  private final Tensor norms; // (K)

  /** Buffers for the prototypes of an architecture. */
  public Prototypes(Kernels kernels, Architecture architecture) {
    PrototypeHead head = architecture.prototypeHead();
    this.kernels = kernels;
    this.unit = kernels.allocate(head.prototypes(), head.bottleneck());
    this.norms = kernels.allocate(head.prototypes());
  }

  /** Takes over the weights as they are now, and holds them until {@link #release}. */
  public void refresh(Parameters weights) {
    kernels.normalizeRows(weights.prototypes().last(), EPSILON, unit, norms); // (K, N)
    kernels.hold(unit);
  }

  /**
   * Turns the gradients of the unit prototypes, which the backwards of heads have added up in the
   * last layer's place, into those of the weights behind them.
   */
  public void finish(Parameters gradients) {
    Tensor last = gradients.prototypes().last();
    kernels.normalizeRowsBackward(unit, norms, last, last, false); // (K, N)
  }

  /** Heads are done with them for now. */
  public void release() {
    kernels.release(unit);
  }

  Tensor unit() {
    return unit;
  }
}
