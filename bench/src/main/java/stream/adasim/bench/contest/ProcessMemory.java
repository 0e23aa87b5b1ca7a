package stream.adasim.bench.contest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process of ours says of its memory, in kB; 0 where the system doesn't say. */
public final class ProcessMemory {
  private ProcessMemory() {}

  /** Largest resident memory of this process so far. */
  public static long peak() throws IOException {
    return read("VmHWM:");
  }

  /** Resident memory of this process now: heap, everything beside it, code. */
  public static long resident() throws IOException {
    return read("VmRSS:");
  }

  private static long read(String name) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.isReadable(status)) {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith(name)) {
          return Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    }
    return 0;
  }
}
