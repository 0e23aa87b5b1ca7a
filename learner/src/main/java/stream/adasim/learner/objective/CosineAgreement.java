package stream.adasim.learner.objective;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * {@code offset + weight * [mean |q1 - z2'|^2 + mean |q2 - z1'|^2]} of unit vectors, where {@code
 * |q - z|^2 = 2 - 2 q.z}: BYOL's loss with weight 1 and offset 0, SimSiam's, {@code -(q1.z2' +
 * q2.z1') / 2}, with weight 1/4 and offset -1.
 */
final class CosineAgreement implements Agreement {
  private final Kernels kernels;
  private final int batch;
  private final float weight;
  private final double offset;
  private final Tensor difference; // (B, P)

  CosineAgreement(Kernels kernels, int batch, int width, float weight, double offset) {
    this.kernels = kernels;
    this.batch = batch;
    this.weight = weight;
    this.offset = offset;
    this.difference = kernels.allocate(batch, width);
  }

  @Override
  public double of(Tensor predictions, Tensor targets, Tensor dPredictions, long step) {
    double loss = offset;
    for (int view = 0; view < 2; view++) {
      Tensor d = SiameseHead.half(dPredictions, view); // (B, P)
      kernels.copy(SiameseHead.half(predictions, view), difference);
      kernels.axpy(-1, SiameseHead.half(targets, 1 - view), difference); // (B, P)
      double norm = kernels.norm(difference);
      loss += weight * norm * norm / batch;
      kernels.copy(difference, d);
      kernels.scale(2 * weight / batch, d);
    }
    return loss;
  }
}
