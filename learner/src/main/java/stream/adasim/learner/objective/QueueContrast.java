package stream.adasim.learner.objective;

import java.util.List;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * NNCLR's loss (Dwibedi et al. 2021, algorithm 1): each projection's nearest neighbour in a queue
 * of earlier ones tells its image's prediction of the other view from those of the batch, {@code
 * [H(n1 Q2' / T) + H(n2 Q1' / T)] / 2}. Lookups come first, then the first views' projections take
 * the place of the oldest.
 *
 * <p>The queue starts empty, where the authors' starts with random vectors: only what was pushed is
 * looked up, and in the very first step a projection is its own neighbour. What it holds and where
 * it ends follow from the number of the step.
 */
final class QueueContrast implements Agreement {
  private final Kernels kernels;
  private final int batch;
  private final float temperature;
  private final Tensor own; // (B, B), the identity
  private final Tensor queue; // (M, P)
  private final Tensor neighbours; // (2 B, P)
  private final Tensor logits; // (B, B)
  private final Tensor dLogits; // (B, B)
  private final int[] rows; // 2 B
  private final float[] scores; // 2 B
  private final float[] row; // P

  QueueContrast(Kernels kernels, int batch, int width, float temperature, int size) {
    this.kernels = kernels;
    this.batch = batch;
    this.temperature = temperature;
    this.own = Contrast.identity(kernels, batch);
    this.queue = kernels.allocate(size, width);
    this.neighbours = kernels.allocate(2 * batch, width);
    this.logits = kernels.allocate(batch, batch);
    this.dLogits = kernels.allocate(batch, batch);
    this.rows = new int[2 * batch];
    this.scores = new float[2 * batch];
    this.row = new float[width];
  }

  @Override
  public double of(Tensor predictions, Tensor targets, Tensor dPredictions, long step) {
    look(targets, step);
    kernels.fill(dPredictions, 0);
    double loss = 0;
    for (int view = 0; view < 2; view++) {
      Tensor anchors = SiameseHead.half(neighbours, view); // (B, P)
      kernels.linear(
          anchors, SiameseHead.half(predictions, 1 - view), null, null, logits); // (B, B)
      loss += kernels.crossEntropy(own, logits, temperature, 0.5f, dLogits);
      kernels.linearBackwardWeight(
          anchors, dLogits, SiameseHead.half(dPredictions, 1 - view), null);
    }
    return loss;
  }

  private void look(Tensor projections, long step) {
    int filled = (int) Math.min(queue.rows(), step * batch);
    if (filled == 0) {
      kernels.copy(projections, neighbours);
      return;
    }
    kernels.topK(projections, queue, filled, 1, rows, scores);
    for (int i = 0; i < rows.length; i++) {
      queue.read((long) rows[i] * row.length, row, 0, row.length);
      neighbours.write((long) i * row.length, row, 0, row.length);
    }
  }

  @Override
  public void settle(Tensor firstProjections, long step) {
    for (int i = 0; i < batch; i++) {
      long place = (step * batch + i) % queue.rows();
      firstProjections.read((long) i * row.length, row, 0, row.length);
      queue.write(place * row.length, row, 0, row.length);
    }
  }

  @Override
  public List<Tensor> state() {
    return List.of(queue);
  }
}
