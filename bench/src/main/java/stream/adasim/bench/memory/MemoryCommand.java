package stream.adasim.bench.memory;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stream.adasim.bench.Folders;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.broker.EmbeddedBroker;
import stream.adasim.standalone.registry.RegistryProcess;

/**
 * One indexer beside its broker, in this JVM: the visits per second that it sustains, the time that
 * it adds to an embedding at half of that, and how fast it comes back without its local state.
 */
@Command(name = "bench/run memory", mixinStandardHelpOptions = true)
final class MemoryCommand implements Callable<Integer> {
  private static final Duration LONGEST = Duration.ofMinutes(10);

  @Option(names = "--images", description = "Images in the memory (default: ${DEFAULT-VALUE}).")
  private int images = 16_384;

  @Option(names = "--dimension", description = "Of their vectors (default: ${DEFAULT-VALUE}).")
  private int dimension = 192;

  @Option(
      names = "--visits",
      description = "Visits that the rate is measured over (default: ${DEFAULT-VALUE}).")
  private long visits = 65_536;

  @Option(names = "--set", description = "A setting, as of bin/adasim: key=value.")
  private Map<String, String> settings = new HashMap<>();

  private MemoryCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new MemoryCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("adasim-memory");
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0, 16 << 20);
        RegistryProcess registry =
            RegistryProcess.start(
                Path.of(System.getProperty("adasim.home", ".")),
                folder,
                0,
                broker.bootstrapServers())) {
      Map<String, String> flags = new HashMap<>();
      flags.put("memory.capacity", Integer.toString(images + images / 2));
      flags.put("http.enabled", "false");
      flags.putAll(settings);
      flags.put("bootstrap.servers", broker.bootstrapServers());
      flags.put("schema.registry.url", registry.url().toString());
      flags.put("state.dir", folder.resolve("state").toString());
      measure(
          IndexerConfig.from(Settings.load(IndexerConfig.definition(), null, Map.of(), flags)),
          folder.resolve("state"));
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  private void measure(IndexerConfig config, Path state) throws IOException, InterruptedException {
    double perSecond;
    double perCoreSecond;
    double p99;
    try (IndexerService indexer = IndexerService.start(config)) {
      await(indexer, indexer::ready);
      try (Results results = new Results(config.connection());
          Visitors visitors = new Visitors(config.connection(), images, dimension)) {
        visitors.visit(2L * images); // the first of each casts no vote
        await(indexer, () -> results.neighbourhoods() == images);
        long heap = heap();
        long cpu = streamCpu();
        long start = System.nanoTime();
        visitors.visit(visits);
        await(indexer, () -> results.neighbourhoods() == images + visits);
        double seconds = (System.nanoTime() - start) / 1e9;
        double core = (streamCpu() - cpu) / 1e9;
        perSecond = visits / seconds;
        perCoreSecond = visits / core;
        System.out.printf(
            "%,d visits of %,d x %d: %.1f s, %,.0f per second; the stream's thread took %.1f s of a core%n",
            visits, images, dimension, seconds, perSecond, core);
        System.out.printf(
            "heap after collection, MB: %,d before, %,d after%n", heap >> 20, heap() >> 20);
        long count = Math.max(1_000, (long) (perSecond / 2 * 10));
        Map<String, Long> sent = visitors.mixed(count, perSecond / 2);
        await(indexer, () -> results.shows(sent));
        double[] millis = results.latencies(sent);
        p99 = millis[(int) (millis.length * 0.99)];
        System.out.printf(
            "representation to embedding at half of that, ms: median %.0f, p99 %.0f, most %.0f (%,d)%n",
            millis[millis.length / 2], p99, millis[millis.length - 1], millis.length);
      }
    }
    Folders.delete(state);
    long start = System.nanoTime();
    try (IndexerService indexer = IndexerService.start(config)) {
      await(indexer, indexer::ready);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double megabytes = (double) images * dimension * Float.BYTES / 1e6;
    System.out.printf(
        "start without local state: %.1f s, %.0f MB of vectors (%.0f MB/s)%n",
        seconds, megabytes, megabytes / seconds);
    System.out.printf(
        "memory: visits/s %.0f, per core second %.0f, p99 %.0f ms, restore %.1f s%n",
        perSecond, perCoreSecond, p99, seconds);
  }

  /** Nanoseconds of processor time of Kafka Streams' threads, which search too. */
  private static long streamCpu() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return Arrays.stream(threads.getAllThreadIds())
        .filter(
            id -> {
              var info = threads.getThreadInfo(id);
              return info != null && info.getThreadName().contains("StreamThread");
            })
        .map(id -> Math.max(0, threads.getThreadCpuTime(id)))
        .sum();
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void await(IndexerService indexer, BooleanSupplier condition)
      throws InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (!condition.getAsBoolean()) {
      if (indexer.stopped().isDone()) {
        throw new IllegalStateException("the indexer has stopped; its log says why");
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited " + LONGEST.toSeconds() + " s in vain");
      }
      Thread.sleep(10);
    }
  }
}
