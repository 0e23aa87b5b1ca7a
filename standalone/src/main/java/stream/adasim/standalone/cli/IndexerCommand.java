package stream.adasim.standalone.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.ingest.SettingsOptions;
import stream.adasim.schemas.settings.Settings;

/** Runs an indexer against any broker. */
@Command(
    name = "indexer",
    description = "Keeps the neighbour memory and publishes embeddings, until it is stopped.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim indexer --set bootstrap.servers=kafka:9092 --set state.dir=/var/lib/adasim",
      "  adasim indexer --config indexer.properties --set memory.capacity=65536"
    })
final class IndexerCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(IndexerCommand.class);

  @Mixin private SettingsOptions settings = new SettingsOptions();

  @Override
  public Integer call() throws InterruptedException {
    Settings given = settings.load(IndexerConfig.definition(), System.getenv(), Map.of());
    LogFile.format(given);
    IndexerConfig config = IndexerConfig.from(given);
    try (Kernels kernels = Backends.open(config.computeBackend(), config.computeThreads())) {
      log.info("event=compute.started {}", kernels.describe());
      try (Interrupt interrupt = Interrupt.onSignal();
          IndexerService indexer = IndexerService.start(config, kernels)) {
        interrupt.await("indexer", indexer.stopped());
      }
    }
    return 0;
  }
}
