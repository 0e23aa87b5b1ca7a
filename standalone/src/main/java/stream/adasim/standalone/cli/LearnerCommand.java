package stream.adasim.standalone.cli;

import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.http.HttpConfig;
import stream.adasim.ingest.SettingsOptions;
import stream.adasim.learner.LearnerService;
import stream.adasim.learner.monitoring.LearnerServer;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Settings;

/** Runs a learner against any broker. */
@Command(
    name = "learner",
    description = "Embeds arrivals and trains, against any broker, until it is stopped.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim learner --set bootstrap.servers=kafka:9092 --set checkpoint.folder=/var/lib/adasim",
      "  adasim learner --config learner.properties --set learner.roles=embed"
    })
final class LearnerCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(LearnerCommand.class);

  @Mixin private SettingsOptions settings = new SettingsOptions();

  @Override
  public Integer call() throws InterruptedException {
    Settings given = settings.load(LearnerConfig.definition(), System.getenv(), Map.of());
    LogFile.format(given);
    LearnerConfig config = LearnerConfig.from(given);
    HttpConfig http = HttpConfig.from(given, LearnerServer.DEFAULT_PORT);
    try (Kernels kernels = Backends.open(config.backend(), config.threads(), config.precision())) {
      log.info("event=compute.started {}", kernels.describe());
      try (Interrupt interrupt = Interrupt.onSignal();
          LearnerService learner =
              LearnerService.start(config, Optional.of(http), kernels, InstantSource.system())) {
        interrupt.await("learner", learner.stopped());
      }
    }
    return 0;
  }
}
