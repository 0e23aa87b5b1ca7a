package stream.adasim.bench.contest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process of ours says of its memory. */
public final class PeakMemory {
  private PeakMemory() {}

  /** Largest resident memory of this process so far, kB; 0 where the system doesn't say. */
  public static long kilobytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.isReadable(status)) {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    }
    return 0;
  }
}
