package stream.adasim.bench.freshness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.learner.LearnerService;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.broker.EmbeddedBroker;
import stream.adasim.standalone.registry.RegistryProcess;

/** Broker, registry, indexer and learner as standalone starts them, on ports of their own. */
final class Services implements AutoCloseable {
  private final EmbeddedBroker broker;
  private final RegistryProcess registry;
  private final Kernels kernels;
  private final IndexerService indexer;
  private final LearnerService learner;
  private final Connection connection;

  /**
   * Starts them.
   *
   * @param folder for all of their data, empty
   * @param flags settings that differ from the defaults
   */
  Services(Path folder, Map<String, String> flags) throws IOException {
    ConfigDef definition = LearnerConfig.definition();
    IndexerConfig.definition().configKeys().values().stream()
        .filter(key -> !definition.names().contains(key.name))
        .forEach(definition::define);
    Files.createDirectories(folder);
    LearnerConfig preview =
        LearnerConfig.from(Settings.load(definition, null, System.getenv(), flags));
    broker =
        EmbeddedBroker.start(folder.resolve("kafka"), 0, preview.connection().deadLetterMaxBytes());
    registry =
        RegistryProcess.start(
            Path.of(System.getProperty("adasim.home", ".")), folder, 0, broker.bootstrapServers());
    kernels = Backends.open(preview.backend(), preview.threads(), preview.precision());
    Map<String, String> all = new HashMap<>(flags);
    all.put("bootstrap.servers", broker.bootstrapServers());
    all.put("schema.registry.url", registry.url().toString());
    all.put("checkpoint.folder", folder.resolve("checkpoints").toString());
    all.put("state.dir", folder.resolve("indexer").toString());
    Settings settings = Settings.load(definition, null, System.getenv(), all);
    LearnerConfig config = LearnerConfig.from(settings);
    connection = config.connection();
    indexer = IndexerService.start(IndexerConfig.from(settings), kernels);
    learner = LearnerService.start(config, kernels, InstantSource.system());
  }

  /** How to reach them. */
  Connection connection() {
    return connection;
  }

  /** Fails where a service has. */
  void check() {
    if (learner.stopped().isCompletedExceptionally()
        || indexer.stopped().isCompletedExceptionally()) {
      throw new IllegalStateException("a service has stopped; its log says why");
    }
  }

  @Override
  public void close() {
    learner.close();
    indexer.close();
    kernels.close();
    registry.close();
    broker.close();
  }
}
