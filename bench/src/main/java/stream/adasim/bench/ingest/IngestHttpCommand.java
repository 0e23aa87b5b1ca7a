package stream.adasim.bench.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stream.adasim.bench.Folders;
import stream.adasim.standalone.broker.EmbeddedBroker;
import stream.adasim.standalone.registry.RegistryProcess;

/**
 * Many clients post images of one size to a service in a process of its own; broker and clients are
 * in this one. Prints a line every few seconds: whether rate and memory stay as they are.
 */
@Command(name = "bench/run ingest", mixinStandardHelpOptions = true)
final class IngestHttpCommand implements Callable<Integer> {
  private static final int LINE_SECONDS = 5;
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  @Option(names = "--clients", description = "At the same time (default: ${DEFAULT-VALUE}).")
  private int clients = 100;

  @Option(names = "--bytes", description = "Of an image (default: ${DEFAULT-VALUE}).")
  private int bytes = 50_000;

  @Option(names = "--seconds", description = "How long (default: ${DEFAULT-VALUE}).")
  private int seconds = 60;

  @Option(names = "--heap", description = "Of the service (default: ${DEFAULT-VALUE}).")
  private String heap = "256m";

  @Option(names = "--set", description = "A setting of the service: key=value.")
  private List<String> settings = new ArrayList<>();

  private IngestHttpCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new IngestHttpCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("adasim-ingest");
    Path home = Path.of(System.getProperty("adasim.home", "."));
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder.resolve("kafka"), 0, MAX_MESSAGE_BYTES);
        RegistryProcess registry =
            RegistryProcess.start(home, folder, 0, broker.bootstrapServers());
        Service service =
            new Service(broker.bootstrapServers(), registry.url().toString(), heap, settings);
        Clients running = new Clients(service.url(), clients, bytes)) {
      System.out.printf("%d clients, images of %,d bytes%n", clients, bytes);
      System.out.println("   s  images/s    MB/s  p50 ms  p99 ms  held back  failed  RSS MiB");
      for (int s = LINE_SECONDS; s <= seconds; s += LINE_SECONDS) {
        Thread.sleep(LINE_SECONDS * 1000L);
        print(s, running.since(), service.residentMib());
      }
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  private void print(int second, Clients.Since since, long rss) {
    long[] micros = since.micros();
    double perSecond = (double) micros.length / LINE_SECONDS;
    System.out.printf(
        "%4d  %8.0f  %6.1f  %6.1f  %6.1f  %9d  %6d  %7d%n",
        second,
        perSecond,
        perSecond * bytes / 1e6,
        micros.length == 0 ? Double.NaN : micros[micros.length / 2] / 1e3,
        micros.length == 0 ? Double.NaN : micros[micros.length * 99 / 100] / 1e3,
        since.heldBack(),
        since.failed(),
        rss);
  }
}
