package stream.adasim.learner.trainer;

import java.io.DataInput;
import java.io.IOException;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.objective.ObjectiveState;
import stream.adasim.learner.weights.Model;

/** Reads the model out of a checkpoint, without training it. */
public final class SavedTraining {
  private SavedTraining() {}

  /**
   * Reads a checkpoint as far as the model goes; the window behind it is left.
   *
   * @param checkpoint body of a checkpoint that a trainer wrote
   * @throws IOException if it can't be read
   * @throws IllegalArgumentException if the network that it tells of is none that this version
   *     knows
   */
  public static Model read(DataInput checkpoint) throws IOException {
    TrainerState state = TrainerState.read(checkpoint);
    Architecture architecture = Architecture.of(state.architecture());
    long inherited = checkpoint.readLong();
    ObjectiveState training = ObjectiveState.read(architecture, checkpoint);
    return new Model(
        architecture,
        state.modelId(),
        state.version(),
        inherited + training.step(),
        training.teacher(),
        training);
  }
}
