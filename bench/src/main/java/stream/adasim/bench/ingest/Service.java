package stream.adasim.bench.ingest;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stream.adasim.bench.contest.ProcessMemory;

/** {@code adasim ingest --http} as a process of its own, so that its memory is its own, too. */
final class Service implements AutoCloseable {
  private static final Pattern LISTENS = Pattern.compile("(http://\\S+)/v1/images");

  private final Process process;
  private final URI url;

  /** Starts it and waits until it listens. */
  Service(String broker, String registry, String heap, List<String> more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "stream.adasim.standalone.cli.Main",
                "ingest",
                "--http",
                "--set",
                "bootstrap.servers=" + broker,
                "--set",
                "schema.registry.url=" + registry,
                "--set",
                "http.port=0"));
    more.forEach(setting -> command.addAll(List.of("--set", setting)));
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    url = listens();
  }

  private URI listens() throws IOException {
    BufferedReader output = process.inputReader();
    List<String> said = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.add(line);
      Matcher found = LISTENS.matcher(line);
      if (found.find()) {
        // Read on, or the process would wait for a reader at some time.
        Thread.ofVirtual().start(() -> output.lines().forEach(System.err::println));
        return URI.create(found.group(1));
      }
    }
    throw new IllegalStateException("the service did not start: " + String.join("; ", said));
  }

  URI url() {
    return url;
  }

  /** Resident memory in MiB; 0 where the system doesn't say. */
  long residentMib() throws IOException {
    return ProcessMemory.resident(process.pid()) / 1024;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
