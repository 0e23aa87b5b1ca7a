package stream.adasim.learner.objective;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * MoCo-v3's InfoNCE (Chen et al. 2021, algorithm 1): each prediction tells the target of its own
 * image from those of the batch, {@code 2 T [H(q1 Z2' / T) + H(q2 Z1' / T)]}.
 */
final class Contrast implements Agreement {
  private final Kernels kernels;
  private final float temperature;
  private final Tensor own; // (B, B), the identity
  private final Tensor logits; // (B, B)
  private final Tensor dLogits; // (B, B)

  Contrast(Kernels kernels, int batch, float temperature) {
    this.kernels = kernels;
    this.temperature = temperature;
    this.own = identity(kernels, batch);
    this.logits = kernels.allocate(batch, batch);
    this.dLogits = kernels.allocate(batch, batch);
  }

  static Tensor identity(Kernels kernels, int n) {
    Tensor identity = kernels.allocate(n, n);
    float[] elements = new float[n * n];
    for (int i = 0; i < n; i++) {
      elements[i * n + i] = 1;
    }
    identity.write(elements);
    return identity;
  }

  @Override
  public double of(Tensor predictions, Tensor targets, Tensor dPredictions, long step) {
    double loss = 0;
    for (int view = 0; view < 2; view++) {
      Tensor keys = SiameseHead.half(targets, 1 - view); // (B, P)
      kernels.linear(SiameseHead.half(predictions, view), keys, null, null, logits); // (B, B)
      loss += kernels.crossEntropy(own, logits, temperature, 2 * temperature, dLogits);
      kernels.linearBackwardInput(dLogits, keys, SiameseHead.half(dPredictions, view), false);
    }
    return loss;
  }
}
