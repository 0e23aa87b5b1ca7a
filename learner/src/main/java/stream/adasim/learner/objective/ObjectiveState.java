package stream.adasim.learner.objective;

import java.io.DataInput;
import java.io.IOException;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;

/**
 * What {@link SelfSupervision#save} wrote, without a network to run it.
 *
 * @param step number of steps taken
 * @param lastLayerUpdates those in which the last layer was not frozen
 * @param student weights, in the order of the layout
 * @param teacher likewise; the student's where the objective has no teacher
 * @param m first moments of what is trained
 * @param v second moments of what is trained
 * @param own DINO's centre (K), NNCLR's queue (M P), or empty
 */
@SuppressWarnings("ArrayRecordComponent") // millions of floats, read once
public record ObjectiveState(
    Objective objective,
    long step,
    long lastLayerUpdates,
    float[] student,
    float[] teacher,
    float[] m,
    float[] v,
    float[] own) {

  /**
   * Reads a state.
   *
   * @throws IOException if it cannot be read, or is of another architecture
   */
  public static ObjectiveState read(Architecture architecture, DataInput in) throws IOException {
    var layout = new ParameterLayout(architecture);
    int version = in.readInt();
    Objective objective = StateFormat.readObjective(version, in);
    StateFormat.checkLayout(layout, in);
    long step = in.readLong();
    long lastLayerUpdates = in.readLong();
    float[] student = StateFormat.read(layout.size(), in);
    float[] teacher = objective.hasTeacher() ? StateFormat.read(layout.size(), in) : student;
    float[] m = StateFormat.read(layout.trainedSize(), in);
    float[] v = StateFormat.read(layout.trainedSize(), in);
    int own =
        switch (objective) {
          case DINO -> version == 1 ? architecture.prototypes() : in.readInt();
          case NNCLR -> in.readInt();
          case BYOL, SIMSIAM, MOCOV3, MOCOV3_NO_NEGATIVES, SIMCLR -> 0;
        };
    return new ObjectiveState(
        objective, step, lastLayerUpdates, student, teacher, m, v, StateFormat.read(own, in));
  }
}
