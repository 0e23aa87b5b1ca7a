package stream.adasim.learner.dino;

import java.io.DataInput;
import java.io.IOException;
import stream.adasim.learner.network.ParameterLayout;

/**
 * What {@link SelfDistillation#save} wrote, without a network to run it.
 *
 * @param step number of steps taken
 * @param lastLayerUpdates those in which the last layer was not frozen
 * @param student weights, in the order of the layout
 * @param teacher likewise
 * @param m first moments of what is trained
 * @param v second moments of what is trained
 */
@SuppressWarnings("ArrayRecordComponent") // millions of floats, read once
public record DistillationState(
    long step,
    long lastLayerUpdates,
    float[] student,
    float[] teacher,
    float[] m,
    float[] v,
    float[] centre) {

  /**
   * Reads a state.
   *
   * @param prototypes length of the centre
   * @throws IOException if it cannot be read, or is of another layout
   */
  public static DistillationState read(ParameterLayout layout, int prototypes, DataInput in)
      throws IOException {
    StateFormat.checkLayout(layout, in);
    return new DistillationState(
        in.readLong(),
        in.readLong(),
        StateFormat.read(layout.size(), in),
        StateFormat.read(layout.size(), in),
        StateFormat.read(layout.trainedSize(), in),
        StateFormat.read(layout.trainedSize(), in),
        StateFormat.read(prototypes, in));
  }
}
