package stream.adasim.learner.safetensors;

import java.io.IOException;
import java.nio.file.Path;

/** A file is not in the safetensors format, or doesn't hold what was asked of it. */
public final class SafetensorsException extends IOException {
  private static final long serialVersionUID = 1L;

  SafetensorsException(Path file, String what) {
    super(file + ": " + what);
  }
}
