package stream.adasim.bench.data;

import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the benchmarks of this package, each in a JVM of its own, and prints one table. */
@Command(name = "bench/run data", mixinStandardHelpOptions = true)
final class DataCommand implements Callable<Integer> {
  @Option(names = "--quick", description = "Fewer and shorter iterations: over within two minutes.")
  private boolean quick;

  @Option(names = "--only", description = "Run the benchmarks whose name contains this.")
  private String only = "";

  @Option(names = "--size", description = "Only this size, as the table names it.")
  private String size = "";

  @Option(names = "--images", description = "A folder or archive of images, instead of drawings.")
  private String images = "";

  private DataCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new DataCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\.bench\\.data\\..*" + only)
            .param("path", images)
            .forks(quick ? 1 : 2)
            .warmupIterations(quick ? 2 : 3)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(quick ? 6 : 10)
            .measurementTime(TimeValue.milliseconds(300))
            .verbosity(VerboseMode.SILENT);
    if (!size.isEmpty()) {
      options.param("size", size);
    }
    print(new Runner(options.build()).run());
    return 0;
  }

  /** The fastest iteration says what the code costs, the median what the machine let it have. */
  private static void print(Collection<RunResult> results) {
    System.out.printf(
        "%-26s %-16s %12s %12s %14s%n",
        "benchmark", "size", "fastest, us", "median, us", "per core, 1/s");
    for (RunResult result : results) {
      double[] scores =
          result.getBenchmarkResults().stream()
              .flatMap(fork -> fork.getIterationResults().stream())
              .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
              .sorted()
              .toArray();
      String name = result.getParams().getBenchmark();
      System.out.printf(
          "%-26s %-16s %12.1f %12.1f %14.0f%n",
          Arrays.stream(name.split("\\."))
              .skip(4)
              .reduce("", (a, b) -> a.isEmpty() ? b : a + "." + b),
          result.getParams().getParam("size"),
          scores[0],
          scores[scores.length / 2],
          1e6 / scores[0]);
    }
  }
}
