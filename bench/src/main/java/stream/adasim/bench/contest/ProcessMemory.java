package stream.adasim.bench.contest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says of a process's memory, in kB; 0 where it says nothing. */
public final class ProcessMemory {
  private ProcessMemory() {}

  /** Largest resident memory of this process so far. */
  public static long peak() throws IOException {
    return read("self", "VmHWM:");
  }

  /** Resident memory of this process now: heap, everything beside it, code. */
  public static long resident() throws IOException {
    return read("self", "VmRSS:");
  }

  /** {@link #resident()} of another process. */
  public static long resident(long pid) throws IOException {
    return read(Long.toString(pid), "VmRSS:");
  }

  private static long read(String process, String name) throws IOException {
    Path status = Path.of("/proc", process, "status");
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
