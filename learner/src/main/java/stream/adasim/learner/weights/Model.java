package stream.adasim.learner.weights;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.objective.ObjectiveState;

/**
 * A model at one moment, from a checkpoint or from a snapshot.
 *
 * @param version newest snapshot of it at that moment
 * @param step training step at which it was taken
 * @param teacher the teacher's weights, flat, in the order of the architecture's parameter layout
 * @param training the rest of the state of training; a snapshot has none
 */
@SuppressWarnings("ArrayRecordComponent") // millions of floats, read once
public record Model(
    Architecture architecture,
    String modelId,
    long version,
    long step,
    float[] teacher,
    @Nullable ObjectiveState training) {
  /** What the names of a file's texts begin with that say what model it holds. */
  static final String OURS = "adasim.";

  /** What a file says of the model in its metadata; safetensors for PyTorch say the format. */
  Map<String, String> describe() {
    var texts = new LinkedHashMap<String, String>();
    texts.put("format", "pt");
    architecture.toMap().forEach((key, value) -> texts.put(OURS + key, value));
    texts.put(OURS + "modelId", modelId);
    texts.put(OURS + "version", Long.toString(version));
    texts.put(OURS + "step", Long.toString(step));
    return texts;
  }
}
