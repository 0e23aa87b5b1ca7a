package stream.adasim.bench.freshness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stream.adasim.bench.Folders;

/**
 * Runs everything in this JVM, measures the rate of arrivals that the embedder sustains, and then,
 * at half of it, how long an image takes from capture to a reader of embeddings.
 */
@Command(name = "bench/run freshness", mixinStandardHelpOptions = true)
final class FreshnessCommand implements Callable<Integer> {
  private static final int START = 1_000;
  private static final Duration LONGEST = Duration.ofMinutes(2);

  @Option(names = "--quick", description = "Ten seconds of arrivals instead of thirty.")
  private boolean quick;

  @Option(
      names = "--rate",
      description = "Images per second, instead of half of what is sustained.")
  private double rate;

  @Option(names = "--set", description = "A setting, as of bin/adasim: key=value.")
  private Map<String, String> settings = new HashMap<>();

  private FreshnessCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new FreshnessCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("adasim-freshness");
    try (Services services = new Services(folder, settings);
        Embeddings embeddings = new Embeddings(services.connection());
        Camera camera = new Camera(services.connection())) {
      camera.send(START, 1e9);
      await(services, () -> embeddings.count() == camera.sent());
      await(services, () -> embeddings.training().step() >= 50); // warm
      double sustained = sustained(services, embeddings, camera);
      double perSecond = rate > 0 ? rate : sustained / 2;
      var before = embeddings.training();
      int count = (int) (perSecond * (quick ? 10 : 30));
      int repeated = embeddings.repeated();
      long start = System.nanoTime();
      Map<String, Long> captured = camera.send(count, perSecond);
      double seconds = (System.nanoTime() - start) / 1e9;
      var after = embeddings.training();
      repeated = embeddings.repeated() - repeated;
      await(services, () -> embeddings.count() == camera.sent());
      int records = Math.max(1, after.records() - before.records());
      System.out.printf("arrivals: %.0f/s sustained; sent %.0f/s%n", sustained, perSecond);
      print("capture to vector, ms", embeddings.embedding(captured));
      print("capture to embedding shown, ms", embeddings.latencies(captured));
      System.out.printf("sweep meanwhile: %.0f images/s embedded again%n", repeated / seconds);
      System.out.printf(
          "training meanwhile: %.1f steps/s, waited for a batch %.2f ms per step,"
              + " for batches and arrivals %.0f %% of the time, decoded %.1f %%%n",
          (after.step() - before.step()) / seconds,
          (after.waitMillis() - before.waitMillis()) / records,
          100 * (after.waitShare() - before.waitShare()) / records,
          100 * (after.decodedShare() - before.decodedShare()) / records);
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  /** Images per second of a burst, from its first to its last embedding. */
  private double sustained(Services services, Embeddings embeddings, Camera camera)
      throws InterruptedException {
    int burst = quick ? 3_000 : 6_000;
    long start = System.nanoTime();
    camera.send(burst, 1e9);
    await(services, () -> embeddings.count() == camera.sent());
    return burst * 1e9 / (System.nanoTime() - start);
  }

  private static void await(Services services, BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (!condition.getAsBoolean()) {
      services.check();
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited " + LONGEST.toSeconds() + " s in vain");
      }
      Thread.sleep(20);
    }
  }

  private static void print(String what, double[] millis) {
    System.out.printf(
        "%s: p50 %.0f, p90 %.0f, p99 %.0f, max %.0f%n",
        what,
        millis[millis.length / 2],
        millis[millis.length * 9 / 10],
        millis[millis.length * 99 / 100],
        millis[millis.length - 1]);
  }
}
