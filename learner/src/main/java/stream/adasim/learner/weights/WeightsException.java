package stream.adasim.learner.weights;

import java.nio.file.Path;

/** A file with weights doesn't fit the network that they are meant for; the message names both. */
public final class WeightsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WeightsException(Path file, String what) {
    super(file + ": " + what);
  }
}
