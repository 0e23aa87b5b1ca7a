package stream.adasim.bench.step;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.dino.DistillationSettings;
import stream.adasim.learner.dino.Schedules;
import stream.adasim.learner.dino.SelfDistillation;

/**
 * The learner's step in a process of its own, told when to run: reads {@code steps N} and {@code
 * rate}, answers with the milliseconds of each step or the product rate in GFLOP/s, and says its
 * peak memory at the end of its input.
 */
@CommandLine.Command(name = "step-peer")
final class StepPeer implements Runnable {
  private static final int WARM_UP = 8;

  @Mixin private StepShape shape = new StepShape();

  @Option(names = "--backend", required = true)
  private String backend = "";

  @Option(names = "--task", required = true)
  private String task = "";

  private StepPeer() {}

  /** Runs until the input ends. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new StepPeer()).execute(arguments));
  }

  @Override
  public void run() {
    try (Kernels kernels = Backends.open(backend, shape.threads);
        var distillation =
            new SelfDistillation(
                kernels,
                shape.architecture(),
                DistillationSettings.of(Schedules.stream(1e-5, 0, 0)),
                shape.pairs,
                1)) {
      float[][] views = {pixels(1), pixels(2)};
      float[] all = new float[views[0].length * 2];
      System.arraycopy(views[0], 0, all, 0, views[0].length);
      System.arraycopy(views[1], 0, all, views[0].length, views[1].length);
      Runnable once =
          task.equals("train")
              ? () -> distillation.step(views[0], views[1])
              : () -> distillation.features(all, 2 * shape.pairs);
      for (int i = 0; i < WARM_UP; i++) {
        once.run();
      }
      System.out.println("ready " + kernels.describe());
      answer(kernels, once);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
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
    System.out.println("rss " + peakMemory());
  }

  private float[] pixels(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    float[] pixels = new float[shape.pairs * shape.architecture().pixels()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return pixels;
  }

  /** Largest resident memory so far, kB. */
  private static long peakMemory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
