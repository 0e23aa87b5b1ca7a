package stream.adasim.bench.parity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stream.adasim.bench.Folders;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.standalone.evaluate.ModelEvaluation;
import stream.adasim.standalone.evaluate.Score;
import stream.adasim.standalone.evaluate.Subject;
import stream.adasim.standalone.labelled.ImageSet;
import stream.adasim.standalone.labelled.ImageSet.Division;

/**
 * Trains a vision transformer with DINO, every image its own partner, here and in PyTorch: from the
 * same weights, on the same views, with the same schedules, which this side draws and writes down.
 * Prints both loss curves, how far they are apart, and what kNN makes of both teachers.
 */
@Command(name = "bench/run parity", mixinStandardHelpOptions = true)
final class ParityCommand implements Callable<Integer> {
  /** Steps over which the curves are to lie on each other; later, rounding has grown. */
  private static final int EARLY = 50;

  @Option(
      names = "--data",
      required = true,
      description = "Labelled images to train on, which are the bank, too: archive.tar!/train.")
  private String data = "";

  @Option(
      names = "--held-out",
      required = true,
      description = "Labelled images to classify: archive.tar!/test.")
  private String heldOut = "";

  @Option(names = "--python", required = true, description = "A Python that has torch.")
  private String python = "";

  @Option(names = "--steps")
  private int steps = 200;

  @Option(names = "--threads")
  private int threads = 2;

  @Option(names = "--seed", description = "Of weights, batches and views.")
  private long seed = 1;

  @Option(names = "--batch", description = "Image pairs of a step.")
  private int batch = 64;

  @Option(names = "--patch")
  private int patch = 4;

  @Option(names = "--learning-rate", description = "After a warm-up of a quarter of the steps.")
  private double learningRate = 5e-4;

  @Option(names = "--precision", description = "fp32 or bf16, of our products.")
  private String precision = "fp32";

  private ParityCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ParityCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Architecture architecture = Architecture.named("micro", 32, patch, 1024);
    Division division =
        new Division(
            ImageSet.read(data, Integer.MAX_VALUE, DecodeLimits.DEFAULT, 32).labelled(),
            ImageSet.read(heldOut, Integer.MAX_VALUE, DecodeLimits.DEFAULT, 32).labelled());
    Path folder = Files.createTempDirectory("adasim-parity");
    try (Kernels kernels = Backends.open("onednn", threads, Precision.of(precision))) {
      ModelEvaluation evaluation = new ModelEvaluation(kernels, division, 1);
      OurRun ours = new OurRun(kernels, architecture, folder, batch, seed);
      double[] losses =
          ours.train(division.bank().images(), steps, learningRate, steps / 4, steps / 8);
      ours.writeImages(division);
      PyTorchRun peer = PyTorchRun.run(python, folder, architecture, batch, threads);
      compare(losses, peer.losses());
      int bank = division.bank().images().size() * architecture.dim();
      Subject[] subjects = {
        evaluation.network(
            "untrained", architecture, FeatureNetwork.initialWeights(architecture, seed)),
        evaluation.network("ours", architecture, ours.teacher()),
        evaluation.given("PyTorch", peer.features(0, bank), peer.features(bank), architecture.dim())
      };
      System.out.println();
      for (Subject subject : subjects) {
        Score knn = subject.scores().getFirst();
        System.out.printf(
            Locale.ROOT,
            "%-10s %s %.1f %% (%.1f to %.1f), RankMe %.1f%n",
            subject.name(),
            knn.title(),
            100 * knn.value(),
            100 * knn.low(),
            100 * knn.high(),
            subject.rankMe());
      }
      System.out.printf(
          Locale.ROOT,
          "parity: loss within %.1e over %d steps, %.1e over %d; kNN %.1f against %.1f%n",
          apart(losses, peer.losses(), EARLY),
          Math.min(EARLY, steps),
          apart(losses, peer.losses(), steps),
          steps,
          100 * subjects[1].scores().getFirst().value(),
          100 * subjects[2].scores().getFirst().value());
      return 0;
    } finally {
      Folders.delete(folder);
    }
  }

  private static void compare(double[] ours, double[] theirs) {
    System.out.println("step       ours    PyTorch  relative difference");
    for (int i = 0; i < ours.length; i += i < 10 ? 1 : 10) {
      System.out.printf(
          Locale.ROOT,
          "%4d  %9.6f  %9.6f  %.1e%n",
          i,
          ours[i],
          theirs[i],
          Math.abs(ours[i] - theirs[i]) / theirs[i]);
    }
  }

  /** The largest relative difference of the first steps. */
  private static double apart(double[] ours, double[] theirs, int steps) {
    double largest = 0;
    for (int i = 0; i < Math.min(steps, ours.length); i++) {
      largest = Math.max(largest, Math.abs(ours[i] - theirs[i]) / theirs[i]);
    }
    return largest;
  }
}
