package stream.adasim.learner.objective;

import java.util.List;
import stream.adasim.compute.Tensor;

/** What lies between a step's views and its gradients. */
sealed interface Method permits Distillation, Siamese {

  /**
   * Two views of each of a step's pairs.
   *
   * @param step number of the step, from 0
   * @param noise of the step, for stochastic depth
   * @param teacherTemperature divides the teacher's centred logits
   * @param first B times (3, S, S), planar
   * @param second likewise
   * @param local the first local view of all images, then the second, and so on
   */
  @SuppressWarnings("ArrayRecordComponent") // millions of floats, handed on
  record Views(
      long step,
      long noise,
      double teacherTemperature,
      float[] first,
      float[] second,
      float[] local) {}

  /**
   * What was measured on the way.
   *
   * @param loss of the batch
   * @param teacherEntropy mean entropy of the teacher's distributions in nats; NaN without them
   * @param batchEntropy entropy of their mean in nats; NaN without them
   * @param firstFeatures unit-length features of the first views, B times D
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on
  record Measured(double loss, double teacherEntropy, double batchEntropy, float[] firstFeatures) {}

  /** Loss and gradients; changes running statistics and no other state. */
  Measured run(Views views);

  /** Moves what it keeps beside the network, once loss and gradients are known to be numbers. */
  void settle(long step);

  /** What it keeps beside the network, for checkpoints; zeros at the start. */
  List<Tensor> state();
}
