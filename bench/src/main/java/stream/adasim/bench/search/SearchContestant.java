package stream.adasim.bench.search;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A process that is told when to run and answers with its times. All of a round stay alive and idle
 * between their turns, so that each turn of one lies between turns of the others.
 */
final class SearchContestant implements AutoCloseable {
  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final Writer orders;
  private final List<Double> times = new ArrayList<>();
  private String description = "";
  private String setting = "";
  private long updates;
  private double recall = 1;
  private double memory;

  private SearchContestant(String name, Process process) {
    this.name = name;
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Starts a process and waits until it holds all vectors. */
  static SearchContestant start(String name, ProcessBuilder builder) throws IOException {
    // What holds OpenBLAS back on a shared machine holds back nobody here.
    builder.environment().keySet().removeIf(key -> key.startsWith("OPENBLAS_"));
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    SearchContestant contestant = new SearchContestant(name, process);
    contestant.description = contestant.answer("ready ");
    return contestant;
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

  /** Has it replace so many vectors without a search. */
  void drift(int count) throws IOException {
    order("drift " + count);
    answer("ok");
    updates += count;
  }

  /** Says how much each search may spend. */
  void effort(int effort) throws IOException {
    order("effort " + effort);
    answer("ok");
    setting = ", effort " + effort;
  }

  /** The share of the true nearest of the next batch that it finds. */
  double recall(Truth truth) throws IOException {
    order("recall");
    recall =
        truth.recall(
            updates,
            Arrays.stream(answer("ids ").split(" ", -1)).mapToInt(Integer::parseInt).toArray());
    return recall;
  }

  /** Lets it take so many batches; the first is left out, since the others have had the cache. */
  void run(int batches, int size) throws IOException {
    order("batches " + (batches + 1));
    Arrays.stream(answer("ms ").split(" ", -1))
        .skip(1)
        .map(Double::parseDouble)
        .forEach(times::add);
    updates += (long) (batches + 1) * size;
  }

  /** Lets it take so many batches that count for nothing: the first ones compile the code. */
  void warmUp(int batches, int size) throws IOException {
    run(batches, size);
    times.clear();
  }

  String name() {
    return name;
  }

  String description() {
    return description + setting;
  }

  double recall() {
    return recall;
  }

  /** Milliseconds of a batch that a share of the batches stayed below. */
  double quantile(double share) {
    List<Double> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    return sorted.get((int) Math.round(share * (sorted.size() - 1)));
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
