package stream.adasim.learner.objective;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * SimCLR's NT-Xent (Chen et al. 2020, equation 1): each of the 2 B views tells its partner from all
 * other views of the batch. Both sides carry gradient; targets are not looked at.
 */
final class PairContrast implements Agreement {
  /** Leaves a view itself out: exp of it is 0 at any temperature up to 1 and beyond. */
  private static final float NEVER = -1e4f;

  private final Kernels kernels;
  private final float temperature;
  private final Tensor partners; // (2 B, 2 B), 1 where column is row's partner
  private final Tensor notSelf; // (2 B, 2 B)
  private final Tensor logits; // (2 B, 2 B)
  private final Tensor dLogits; // (2 B, 2 B)

  PairContrast(Kernels kernels, int batch, float temperature) {
    int n = 2 * batch;
    this.kernels = kernels;
    this.temperature = temperature;
    this.partners = kernels.allocate(n, n);
    this.notSelf = kernels.allocate(n, n);
    this.logits = kernels.allocate(n, n);
    this.dLogits = kernels.allocate(n, n);
    float[] ones = new float[n * n];
    float[] diagonal = new float[n * n];
    for (int i = 0; i < n; i++) {
      ones[i * n + (i + batch) % n] = 1;
      diagonal[i * n + i] = NEVER;
    }
    partners.write(ones);
    notSelf.write(diagonal);
  }

  @Override
  public double of(Tensor predictions, Tensor targets, Tensor dPredictions, long step) {
    kernels.linear(predictions, predictions, null, notSelf, logits); // (2 B, 2 B)
    double loss = kernels.crossEntropy(partners, logits, temperature, 1, dLogits);
    kernels.linearBackwardInput(dLogits, predictions, dPredictions, false);
    kernels.linearBackwardWeight(predictions, dLogits, dPredictions, null); // (2 B, P)
    return loss;
  }
}
