package stream.adasim.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Folders that a benchmark makes and clears away. */
public final class Folders {
  private Folders() {}

  /** Deletes a folder and all in it. */
  public static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
