package stream.adasim.bench.contest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A process that is told when to run and answers with its times. All of a round stay alive and idle
 * between their turns, so that each turn of one lies between turns of the others.
 */
public abstract class Contestant implements AutoCloseable {
  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final Writer orders;
  private final List<Double> times = new ArrayList<>();
  private final String description;
  private double memory;

  /** Starts a process and waits until it is ready. */
  protected Contestant(String name, ProcessBuilder builder) throws IOException {
    // What holds OpenBLAS back on a shared machine holds back nobody here.
    builder.environment().keySet().removeIf(key -> key.startsWith("OPENBLAS_"));
    this.name = name;
    this.process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
    this.description = answer("ready ");
  }

  /** The beginning of a command that runs a class of ours in a JVM like this one. */
  public static List<String> java(String heap, Class<?> main) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:MaxDirectMemorySize=16g",
            "-Xmx" + heap,
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
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

  /** Gives an order and returns the rest of the line that answers it. */
  protected final String ask(String order, String beginning) throws IOException {
    orders.write(order + "\n");
    orders.flush();
    return answer(beginning);
  }

  /**
   * Lets it run so many times; one more comes first and is left out, since the others have had the
   * cache.
   *
   * @param what it calls a run
   */
  protected final void time(String what, int runs) throws IOException {
    Arrays.stream(ask(what + " " + (runs + 1), "ms ").split(" ", -1))
        .skip(1)
        .map(Double::parseDouble)
        .forEach(times::add);
  }

  /** Forgets the times so far. */
  protected final void forget() {
    times.clear();
  }

  public final String name() {
    return name;
  }

  /** What it says of itself. */
  public String description() {
    return description;
  }

  /** Milliseconds that a share of the runs stayed below. */
  public final double quantile(double share) {
    List<Double> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    return sorted.get((int) Math.round(share * (sorted.size() - 1)));
  }

  public final double median() {
    return quantile(0.5);
  }

  /** Ends its input, upon which it says its peak memory. */
  public final void finish() throws IOException {
    orders.close();
    memory = Double.parseDouble(answer("rss ")) / 1024;
  }

  /** Peak resident memory in MB, once it has finished. */
  public final double memory() {
    return memory;
  }

  @Override
  public final void close() {
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
