package stream.adasim.standalone.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.ingest.SettingsOptions;
import stream.adasim.schemas.settings.Durations;
import stream.adasim.standalone.audit.Audit;
import stream.adasim.standalone.audit.AuditReport;

/** Checks the promises on the topics of a running installation. */
@Command(
    name = "audit",
    description =
        "Checks on the topics of an installation that every image has exactly one end, that model"
            + " versions form one line, and that every neighbourhood is what its visits make it. Exit"
            + " code 0 where all of it holds, 1 where not.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim audit --set bootstrap.servers=localhost:9094",
      "  adasim audit --wait 2m --settled --json  after learners were stopped: all must have arrived"
    })
final class AuditCommand implements Callable<Integer> {
  private static final Duration PAUSE = Duration.ofSeconds(2);

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description =
          "How long images may still be under way, such as 90s (default: ${DEFAULT-VALUE}).",
      defaultValue = "30s")
  private String wait = "30s";

  @Option(
      names = "--settled",
      description = "Training is stopped: within --wait, no visit may be under way any more.")
  private boolean settled;

  @Option(names = "--json", description = "Prints the report as JSON.")
  private boolean json;

  @Mixin private SettingsOptions settings = new SettingsOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws InterruptedException {
    IndexerConfig config =
        IndexerConfig.from(settings.load(IndexerConfig.definition(), System.getenv(), Map.of()));
    PrintWriter out = spec.commandLine().getOut();
    AuditReport report;
    try (Audit audit = new Audit(config)) {
      InstantSource clock = InstantSource.system();
      Instant end = clock.instant().plus(limit());
      report = audit.run();
      while (!report.faulty() && !report.complete(settled) && clock.instant().isBefore(end)) {
        Thread.sleep(PAUSE);
        report = audit.run();
      }
    }
    if (json) {
      out.println(report.json());
    } else {
      report.print(out, settled);
    }
    return report.faulty() || !report.complete(settled) ? 1 : 0;
  }

  private Duration limit() {
    try {
      return Durations.parse(wait);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--wait: found " + wait + ", expected a duration such as 90s or 2m");
    }
  }
}
