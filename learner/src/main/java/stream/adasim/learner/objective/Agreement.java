package stream.adasim.learner.objective;

import java.util.List;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * How far two views' unit projections are from where an objective wants them, and the gradient. All
 * tensors hold the first views' B rows, then the second views'.
 */
sealed interface Agreement permits CosineAgreement, Contrast, PairContrast, QueueContrast {

  static Agreement of(Kernels kernels, ObjectiveSettings settings, int batch, int width) {
    float temperature = (float) settings.temperature();
    return switch (settings.objective()) {
      case BYOL, MOCOV3_NO_NEGATIVES -> new CosineAgreement(kernels, batch, width, 1, 0);
      case SIMSIAM -> new CosineAgreement(kernels, batch, width, 0.25f, -1);
      case MOCOV3 -> new Contrast(kernels, batch, temperature);
      case SIMCLR -> new PairContrast(kernels, batch, temperature);
      case NNCLR -> new QueueContrast(kernels, batch, width, temperature, settings.queue());
      case DINO -> throw new IllegalArgumentException("DINO compares no projections");
    };
  }

  /**
   * The loss.
   *
   * @param predictions (2 B, P), rows of length 1
   * @param targets (2 B, P), rows of length 1; each view's own, not the other's
   * @param dPredictions (2 B, P), written: the gradient with respect to the predictions. It is free
   *     to point along a row, which the backward of the normalisation takes out
   * @param step number of the step, from 0
   */
  double of(Tensor predictions, Tensor targets, Tensor dPredictions, long step);

  /** Keeps what later steps need of the first views' projections, (B, P) of length 1. */
  default void settle(Tensor firstProjections, long step) {}

  /** What it keeps, for checkpoints. */
  default List<Tensor> state() {
    return List.of();
  }
}
