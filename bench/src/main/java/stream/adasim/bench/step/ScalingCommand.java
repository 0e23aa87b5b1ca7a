package stream.adasim.bench.step;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stream.adasim.bench.contest.LogPlot;

/** Takes the step with batches, widths and threads of several sizes; draws what an image costs. */
@Command(name = "bench/run scaling", mixinStandardHelpOptions = true)
final class ScalingCommand implements Callable<Integer> {
  private static final int[] PAIRS = {16, 32, 64, 128, 256};
  private static final int[] WIDTHS = {192, 384, 768};

  /** Longer steps are left out: they would take most of the time and say nothing new. */
  private static final double MOST = 1.3e12;

  @Option(names = "--plot", description = "Where to draw it (default: ${DEFAULT-VALUE}).")
  private Path plot = Path.of("target/scaling.png");

  @Option(names = "--turns", description = "Turns of each number of threads.")
  private int turns = 3;

  private ScalingCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ScalingCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    LogPlot chart =
        new LogPlot("Training step: what an image costs", "pairs of a step", "ms per image");
    System.out.printf(
        "%6s %6s %12s %12s %9s %9s %8s%n",
        "dim", "pairs", "ms, 1 thread", "2 threads", "speed-up", "ms/image", "spread");
    for (int width : WIDTHS) {
      for (int batch : PAIRS) {
        if (shape(width, batch, 1).step() <= MOST) {
          double[] millis = measure(width, batch);
          chart.add("dim " + width + ", 1 thread", batch, millis[0] / (2 * batch));
          chart.add("dim " + width + ", 2 threads", batch, millis[1] / (2 * batch));
        }
      }
    }
    chart.write(plot);
    return 0;
  }

  /** Milliseconds of a step with one thread and with two, turn by turn; prints them. */
  private double[] measure(int width, int batch) throws IOException {
    StepShape shape = shape(width, batch, 1);
    // Warm after about as much work, whatever the step's size.
    int warmUp = (int) Math.clamp(6e11 / shape.step(), 2, 40);
    int steps = (int) Math.clamp(2e11 / shape.step(), 1, 10);
    try (StepContestant one = StepContestant.ours("onednn", "train", shape, warmUp);
        StepContestant two =
            StepContestant.ours("onednn", "train", shape(width, batch, 2), 2 * warmUp)) {
      for (int turn = 0; turn < turns; turn++) {
        one.run(steps);
        two.run(2 * steps);
      }
      System.out.printf(
          Locale.ROOT,
          "%6d %6d %12.1f %12.1f %9.2f %9.3f %7.0f%%%n",
          width,
          batch,
          one.median(),
          two.median(),
          one.median() / two.median(),
          two.median() / (2 * batch),
          100 * (two.quantile(0.9) - two.quantile(0.1)) / two.median());
      return new double[] {one.median(), two.median()};
    }
  }

  private static StepShape shape(int width, int batch, int threads) {
    StepShape shape = new StepShape();
    shape.dim = width;
    shape.heads = width / 64;
    shape.pairs = batch;
    shape.threads = threads;
    return shape;
  }
}
