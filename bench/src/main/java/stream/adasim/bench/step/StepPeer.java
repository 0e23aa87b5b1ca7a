package stream.adasim.bench.step;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import stream.adasim.bench.contest.ProcessMemory;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.objective.ObjectiveSettings;
import stream.adasim.learner.objective.Schedules;
import stream.adasim.learner.objective.SelfSupervision;

/**
 * The learner's step in a process of its own, told when to run: reads {@code steps N} and {@code
 * rate}, answers with the milliseconds of each step or the product rate in GFLOP/s, and says its
 * peak memory at the end of its input.
 */
@CommandLine.Command(name = "step-peer")
final class StepPeer implements Runnable {
  @Mixin private StepShape shape = new StepShape();

  @Option(names = "--backend", required = true)
  private String backend = "";

  @Option(names = "--task", required = true)
  private String task = "";

  @Option(names = "--warm-up", description = "Steps before it is ready.")
  private int warmUp = 8;

  private StepPeer() {}

  /** Runs until the input ends. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new StepPeer()).execute(arguments));
  }

  @Override
  public void run() {
    try (Kernels kernels = Backends.open(backend, shape.threads, Precision.of(shape.precision))) {
      Runnable once = task.equals("train") ? training(kernels) : embedding(kernels);
      for (int i = 0; i < warmUp; i++) {
        once.run();
      }
      System.out.println("ready " + kernels.describe());
      answer(kernels, once);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Runnable training(Kernels kernels) {
    var distillation =
        new SelfSupervision(
            kernels,
            shape.architecture(),
            ObjectiveSettings.of(Schedules.stream(1e-5, 0, 0)),
            shape.pairs,
            1);
    float[] first = pixels(shape.pairs, 1);
    float[] second = pixels(shape.pairs, 2);
    return () -> distillation.step(first, second);
  }

  private Runnable embedding(Kernels kernels) {
    var network = new FeatureNetwork(kernels, shape.architecture());
    network.load(FeatureNetwork.initialWeights(shape.architecture(), 1));
    float[] images = pixels(2 * shape.pairs, 1);
    return () -> network.features(images, 2 * shape.pairs);
  }

  private void answer(Kernels kernels, Runnable once) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("rate")) {
        System.out.printf(Locale.ROOT, "rate %.1f%n", ProductRate.measure(kernels, shape));
        continue;
      }
      StringBuilder times = new StringBuilder("ms");
      for (int i = Integer.parseInt(line.substring("steps ".length())); i > 0; i--) {
        long begin = System.nanoTime();
        once.run();
        times.append(String.format(Locale.ROOT, " %.3f", (System.nanoTime() - begin) / 1e6));
      }
      System.out.println(times);
    }
    System.out.println("rss " + ProcessMemory.peak());
  }

  private float[] pixels(int images, long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    float[] pixels = new float[images * shape.architecture().pixels()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return pixels;
  }
}
