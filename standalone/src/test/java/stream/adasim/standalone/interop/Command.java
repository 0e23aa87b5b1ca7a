package stream.adasim.standalone.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end; it is killed where it takes too long. */
record Command(Path folder, Duration limit, Map<String, String> environment) {

  /** What came of a program. */
  record Result(int exit, String output, String errors) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  Result run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("command", ".out");
    Path errors = Files.createTempFile("command", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new IOException(
              "%s did not end within %s; it said: %s%s"
                  .formatted(command, limit, Files.readString(output), Files.readString(errors)));
        }
        return new Result(process.exitValue(), Files.readString(output), Files.readString(errors));
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }
}
