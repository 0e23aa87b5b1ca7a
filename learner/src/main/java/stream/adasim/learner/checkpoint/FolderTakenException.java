package stream.adasim.learner.checkpoint;

import java.io.IOException;

/** Another store has taken the folder over; what this one writes would never be read. */
public final class FolderTakenException extends IOException {
  private static final long serialVersionUID = 1L;

  FolderTakenException(String message) {
    super(message);
  }
}
