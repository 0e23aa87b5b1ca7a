package stream.adasim.bench.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the step beside PyTorch, turn by turn, and prints a table and one line. */
@Command(name = "bench/run step", mixinStandardHelpOptions = true)
final class StepCommand implements Callable<Integer> {
  /** Steps until the JVM has compiled what they call. */
  private static final int WARM_UP = 8;

  /**
   * An embedding takes a fraction of a step's time: so many times as many, before and in a turn.
   */
  private static final int EMBEDDINGS = 4;

  @Mixin private StepShape shape = new StepShape();

  @Option(names = "--quick", description = "Fewer turns: over within five minutes.")
  private boolean quick;

  @Option(names = "--task", description = "train or embed.")
  private String task = "train";

  @Option(names = "--python", description = "A Python that has torch; without it, no peers.")
  private String python = "";

  @Option(names = "--allocator", description = "A malloc to load before PyTorch.")
  private String allocator = "";

  @Option(names = "--backends", split = ",", description = "Our backends.")
  private List<String> backends = List.of("onednn");

  private StepCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new StepCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    List<StepContestant> all = new ArrayList<>();
    int perStep = task.equals("train") ? 1 : EMBEDDINGS;
    try {
      for (String backend : backends) {
        all.add(StepContestant.ours(backend, task, shape, WARM_UP * perStep));
      }
      List<Double> rates = new ArrayList<>();
      if (!python.isEmpty()) {
        for (String precision : precisions()) {
          for (String mode : List.of("eager", "compiled")) {
            all.add(peer(precision, mode));
          }
        }
      }
      int turns = quick ? 5 : 15;
      for (int turn = 0; turn < turns; turn++) {
        for (StepContestant each : all) {
          each.run((quick ? 2 : 4) * perStep);
        }
        rates.add(all.getFirst().rate());
      }
      print(all, rates.stream().sorted().toList().get(rates.size() / 2));
    } finally {
      all.forEach(StepContestant::close);
    }
    return 0;
  }

  /** Without instructions for it, PyTorch's bf16 takes a hundred times as long as its fp32. */
  private static List<String> precisions() throws IOException {
    Path processor = Path.of("/proc/cpuinfo");
    if (Files.exists(processor) && !Files.readString(processor).contains("bf16")) {
      System.out.println("PyTorch's bf16 is left out: this processor has no bf16 instructions");
      return List.of("fp32");
    }
    return List.of("fp32", "bf16");
  }

  private StepContestant peer(String precision, String mode) throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            python,
            "bench/peers/step.py",
            "--precision=" + precision,
            "--mode=" + mode,
            "--task=" + task));
    command.addAll(shape.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    // What keeps PyTorch from its best on a shared machine is left to it: no OMP_WAIT_POLICY.
    builder.environment().remove("OMP_WAIT_POLICY");
    if (!allocator.isEmpty()) {
      builder.environment().put("LD_PRELOAD", allocator);
    }
    return new StepContestant("PyTorch, " + precision + " " + mode, builder);
  }

  private void print(List<StepContestant> all, double rate) throws IOException {
    boolean training = task.equals("train");
    double work = training ? shape.step() : shape.embedding();
    int images = training ? shape.pairs : 2 * shape.pairs;
    for (StepContestant each : all) {
      System.out.println(each.name() + ": " + each.description());
    }
    System.out.printf(
        Locale.ROOT,
        "%n%s of %s, image %d/%d, dim %d, depth %d, K=%d, %d pairs, %d threads: %.0f GFLOP; products"
            + " alone %.0f GFLOP/s%n%n",
        task,
        shape.network,
        shape.image,
        shape.patch,
        shape.dim,
        shape.depth,
        shape.prototypes,
        shape.pairs,
        shape.threads,
        work / 1e9,
        rate);
    System.out.printf(
        "%-26s %9s %9s %9s %9s %9s %7s%n", "", "ms", "10 %", "90 %", "images/s", "GFLOP/s", "MB");
    for (StepContestant each : all) {
      each.finish();
      System.out.printf(
          Locale.ROOT,
          "%-26s %9.1f %9.1f %9.1f %9.1f %9.1f %7.0f%n",
          each.name(),
          each.median(),
          each.quantile(0.1),
          each.quantile(0.9),
          images / each.median() * 1e3,
          work / each.median() / 1e6,
          each.memory());
    }
    StepContestant ours = all.getFirst();
    double share = work / ours.median() / 1e6 / rate;
    System.out.printf(
        Locale.ROOT,
        "%nstep: bf16 ratio %s, fp32 ratio %s, share %.2f, memory ratio %s%n",
        ratio(best(all, "bf16").map(StepContestant::median), ours.median()),
        ratio(best(all, "fp32").map(StepContestant::median), ours.median()),
        share,
        best(all, "PyTorch")
            .map(peer -> String.format(Locale.ROOT, "%.2f", ours.memory() / peer.memory()))
            .orElse("none"));
  }

  private static Optional<StepContestant> best(List<StepContestant> all, String named) {
    Stream<StepContestant> peers = all.stream().filter(each -> each.name().contains(named));
    return peers.min(Comparator.comparingDouble(StepContestant::median));
  }

  private static String ratio(Optional<Double> peer, double ours) {
    return peer.map(ms -> String.format(Locale.ROOT, "%.2f", ms / ours)).orElse("none");
  }
}
