package stream.adasim.standalone.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import stream.adasim.ingest.SettingsOptions;

/** Everything on one machine, with one command. */
@Command(
    name = "standalone",
    description = {
      "Starts a Kafka broker, a schema registry, the indexer and the learner on this machine, feeds"
          + " them images, and shows how it goes until Ctrl-C.",
      "Everything is kept in the data folder: started again on it, training goes on where it was."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim standalone                                    generated images, until Ctrl-C",
      "  adasim standalone --images photos/ --duration 10m --summary s.json",
      "  adasim standalone --images cats.tar --images more.zip --data /var/lib/adasim",
      "  adasim standalone --images photos/ --set train.partner=self   plain self-distillation",
      "",
      "While it runs, from another terminal:",
      "  adasim ingest more-photos/                           send more images",
      "  adasim ingest --delete photos/cat/1.jpg              delete one everywhere"
    })
final class StandaloneCommand implements Callable<Integer> {
  @Option(
      names = "--images",
      paramLabel = "PATH",
      description = "A folder, tar, zip or IDX file with images; may be repeated.")
  private List<Path> images = new ArrayList<>();

  @Option(
      names = "--synthetic",
      paramLabel = "N",
      description = "Generate N labelled images; without --images 4000 are.")
  private @Nullable Integer synthetic;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where everything is kept (default: ${DEFAULT-VALUE}).",
      defaultValue = "data")
  private Path data = Path.of("data");

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description = "Port of the broker on loopback, 0 for any (default: ${DEFAULT-VALUE}).",
      defaultValue = "9092")
  private int kafkaPort;

  @Option(
      names = "--registry-port",
      paramLabel = "PORT",
      description =
          "Port of the schema registry on loopback, 0 for any (default: ${DEFAULT-VALUE}).",
      defaultValue = "8081")
  private int registryPort;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "Stop after this time, such as 90s, 3m or 2h (default: until Ctrl-C).")
  private @Nullable String duration;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of every random choice (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private long seed;

  @Option(
      names = "--summary",
      paramLabel = "FILE",
      description = "Write the table at the end as JSON, too.")
  private @Nullable Path summary;

  @Mixin private SettingsOptions settings = new SettingsOptions();

  @Override
  public Integer call() throws Exception {
    StandalonePlan plan =
        StandalonePlan.of(
            images, synthetic, data, kafkaPort, registryPort, duration, seed, summary);
    new Standalone(plan, settings).run();
    return 0;
  }
}
