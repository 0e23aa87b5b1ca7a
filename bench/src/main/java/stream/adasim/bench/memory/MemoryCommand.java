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
import stream.adasim.bench.contest.ProcessMemory;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.indexer.Restored;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.broker.EmbeddedBroker;
import stream.adasim.standalone.registry.RegistryProcess;

/**
 * One indexer beside its broker, in this JVM: the visits per second that it sustains, the time that
 * it adds to an embedding at half of that, how fast a standby takes over, and how fast an instance
 * comes back without its local state.
 */
@Command(name = "bench/run memory", mixinStandardHelpOptions = true)
final class MemoryCommand implements Callable<Integer> {
  private static final Duration LONGEST = Duration.ofMinutes(5);

  /** After a takeover: as many as are searched at once. */
  private static final int FIRST_VISITS = 64;

  @Option(names = "--images", description = "Images in the memory (default: ${DEFAULT-VALUE}).")
  private int images = 16_384;

  @Option(names = "--dimension", description = "Of their vectors (default: ${DEFAULT-VALUE}).")
  private int dimension = 192;

  @Option(
      names = "--visits",
      description = "Visits that the rate is measured over (default: ${DEFAULT-VALUE}).")
  private long visits = 65_536;

  @Option(
      names = "--parts",
      description =
          "Parts that they are sent in, memory shown after each (default: ${DEFAULT-VALUE}).")
  private int parts = 1;

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
      flags.put("memory.standbys", "1");
      measure(config(flags, folder.resolve("first")), config(flags, folder.resolve("second")));
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  private static IndexerConfig config(Map<String, String> flags, Path state) {
    Map<String, String> all = new HashMap<>(flags);
    all.put("state.dir", state.toString());
    return IndexerConfig.from(Settings.load(IndexerConfig.definition(), null, Map.of(), all));
  }

  private void measure(IndexerConfig first, IndexerConfig second)
      throws IOException, InterruptedException {
    double perSecond;
    double perCoreSecond;
    double p99;
    double takeover;
    try (IndexerService indexer = IndexerService.start(first)) {
      await(indexer, indexer::ready);
      try (Results results = new Results(first.connection());
          Visitors visitors = new Visitors(first.connection(), images, dimension)) {
        long begin = System.nanoTime();
        visitors.visit(2L * images); // the first of each casts no vote
        await(indexer, () -> results.neighbourhoods() == images);
        System.out.printf("filled by two visits of each image: %.1f s%n", seconds(begin));
        showMemory(0, first.stateDir());
        long cpu = streamCpu();
        double seconds = 0;
        for (int part = 1; part <= parts; part++) {
          long sent = visits * part / parts;
          long start = System.nanoTime();
          visitors.visit(sent - visits * (part - 1) / parts);
          await(indexer, () -> results.neighbourhoods() == images + sent);
          seconds += seconds(start);
          showMemory(sent, first.stateDir());
        }
        double core = (streamCpu() - cpu) / 1e9;
        perSecond = visits / seconds;
        perCoreSecond = visits / core;
        System.out.printf(
            "%,d visits of %,d x %d: %.1f s, %,.0f per second; the stream's thread took %.1f s of a core%n",
            visits, images, dimension, seconds, perSecond, core);
        long count = Math.max(1_000, (long) (perSecond / 2 * 10));
        Map<String, Long> early = visitors.mixed(count / 4, perSecond / 2); // compiles their code
        await(indexer, () -> results.shows(early));
        Map<String, Long> sent = visitors.mixed(count, perSecond / 2);
        await(indexer, () -> results.shows(sent));
        double[] millis = results.latencies(sent);
        p99 = millis[(int) (millis.length * 0.99)];
        System.out.printf(
            "representation to embedding at half of that, ms: median %.0f, p99 %.0f, most %.0f (%,d)%n",
            millis[millis.length / 2], p99, millis[millis.length - 1], millis.length);
        takeover = takeover(indexer, second, results, visitors);
      }
    }
    double restore = restore(first);
    System.out.printf(
        "memory: visits/s %.0f, per core second %.0f, p99 %.0f ms, takeover %.1f s, restore %.1f s%n",
        perSecond, perCoreSecond, p99, takeover, restore);
  }

  /** Seconds from one instance's end until another, which stood by, has answered new visits. */
  private static double takeover(
      IndexerService leaves, IndexerConfig follows, Results results, Visitors visitors)
      throws InterruptedException {
    try (IndexerService indexer = IndexerService.start(follows)) {
      long begin = System.nanoTime();
      await(indexer, () -> indexer.held() == leaves.held() && indexer.copied());
      System.out.printf("copied by a standby: %.1f s%n", seconds(begin));
      long answered = results.neighbourhoods();
      long start = System.nanoTime();
      leaves.close();
      visitors.visit(FIRST_VISITS);
      await(indexer, () -> results.neighbourhoods() == answered + FIRST_VISITS);
      double seconds = seconds(start);
      System.out.printf(
          "taken over by it: %.1f s, %,d records to be read for it%n",
          seconds, indexer.restored().records());
      return seconds;
    }
  }

  /** Seconds until an instance without local state works. */
  private double restore(IndexerConfig config) throws IOException, InterruptedException {
    Folders.delete(config.stateDir());
    long start = System.nanoTime();
    try (IndexerService indexer = IndexerService.start(config)) {
      await(indexer, indexer::ready);
      double seconds = seconds(start);
      Restored restored = indexer.restored();
      double reading = restored.took().toNanos() / 1e9;
      double megabytes = (double) restored.records() * dimension * Float.BYTES / 1e6;
      System.out.printf(
          "start without local state: %.1f s, of which %.1f s restore %,d vectors from %,d records, %.0f MB (%.0f MB/s)%n",
          seconds, reading, indexer.held(), restored.records(), megabytes, megabytes / reading);
      return seconds;
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
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

  /** Of this process, which is broker, sender and reader, too. */
  private static void showMemory(long visits, Path state) throws IOException {
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    System.out.printf(
        "after %,d visits, MB: heap in use %,d, resident %,d, local state %,d%n",
        visits, heap >> 20, ProcessMemory.resident() >> 10, Folders.size(state) >> 20);
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
