package stream.adasim.learner.trainer;

import java.util.List;
import stream.adasim.learner.adasim.Choice;
import stream.adasim.learner.window.WindowImage;

/**
 * What one step of an {@link OfflineTraining} came to.
 *
 * @param step optimiser steps so far, this one included
 * @param loss mean over the batch
 * @param teacherEntropy mean entropy of the teacher's distributions in nats
 * @param batchEntropy entropy of their mean in nats
 * @param visits of the batch's images, in its order: to be given to the neighbour memory
 */
public record OfflineStep(
    long step, double loss, double teacherEntropy, double batchEntropy, List<OfflineVisit> visits) {

  /**
   * One image's visit.
   *
   * @param image as it was when the step was planned
   * @param number of the visit, counted from 1
   * @param choice its partner
   * @param vector what the memory stores, of unit length
   * @param query what the memory is searched with; empty for the vector
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, from training to the memory
  public record OfflineVisit(
      WindowImage image, int number, Choice choice, float[] vector, float[] query) {}
}
