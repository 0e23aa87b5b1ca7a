package stream.adasim.learner.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where imported weights wait for a training to start from them: a file in the folder of its
 * checkpoints, which is read only while there is neither a checkpoint nor a snapshot.
 */
public final class InitialWeights {
  private static final String NAME = "initial.safetensors";

  private InitialWeights() {}

  /** The file's place in a folder of checkpoints. */
  public static Path place(Path checkpoints) {
    return checkpoints.resolve(NAME);
  }

  /** The file, if there is one. */
  public static Optional<Path> find(Path checkpoints) {
    return Optional.of(place(checkpoints)).filter(Files::exists);
  }
}
