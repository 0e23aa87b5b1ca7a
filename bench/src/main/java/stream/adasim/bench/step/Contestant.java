package stream.adasim.bench.step;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A process that is told when to run and answers with its times. All stay alive and idle between
 * their turns, so that each turn of one lies between turns of the others.
 */
final class Contestant implements AutoCloseable {
  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final Writer orders;
  private final List<Double> times = new ArrayList<>();
  private String description = "";
  private double memory;

  private Contestant(String name, Process process) {
    this.name = name;
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.orders = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
  }

  /** Starts a process and waits until it has warmed up. */
  static Contestant start(String name, ProcessBuilder builder) throws IOException {
    builder.environment().keySet().removeIf(key -> key.startsWith("OPENBLAS_"));
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Contestant contestant = new Contestant(name, process);
    contestant.description = contestant.answer("ready ");
    return contestant;
  }

  /**
   * Starts the learner's step with one of our backends.
   *
   * @param task train or embed
   * @param warmUp steps before it is ready
   */
  static Contestant ours(String backend, String task, StepShape shape, int warmUp)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:MaxDirectMemorySize=16g",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            StepPeer.class.getName(),
            "--backend=" + backend,
            "--task=" + task,
            "--warm-up=" + warmUp));
    command.addAll(shape.arguments());
    return start("ours, " + backend, new ProcessBuilder(command));
  }

  private String answer(String beginning) throws IOException {
    String line = answers.readLine();
    while (line != null && !line.startsWith(beginning)) {
      line = answers.readLine();
    }
    if (line == null) {
      throw new IOException(name + " ended early; what it said is above");
    }
    return line.substring(beginning.length());
  }

  private void order(String line) throws IOException {
    orders.write(line + "\n");
    orders.flush();
  }

  /** Lets it take so many steps; the first is left out, since the others have had the cache. */
  void run(int steps) throws IOException {
    order("steps " + (steps + 1));
    Arrays.stream(answer("ms ").split(" ")).skip(1).map(Double::parseDouble).forEach(times::add);
  }

  /** The product rate that it reaches, GFLOP/s. */
  double rate() throws IOException {
    order("rate");
    return Double.parseDouble(answer("rate "));
  }

  String name() {
    return name;
  }

  String description() {
    return description;
  }

  /** Milliseconds of a step that a share of the steps stayed below. */
  double quantile(double share) {
    List<Double> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(share * (sorted.size() - 1))));
  }

  double median() {
    return quantile(0.5);
  }

  /** Ends its input, upon which it says its peak memory. */
  void finish() throws IOException {
    orders.close();
    memory = Double.parseDouble(answer("rss ")) / 1024;
  }

  /** Peak resident memory in MB, once it has finished. */
  double memory() {
    return memory;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
      answers.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
