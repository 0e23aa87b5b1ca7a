package stream.adasim.standalone.cli;

import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import stream.adasim.ingest.http.IngestService;
import stream.adasim.ingest.http.ReceiverConfig;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;

/** Images over HTTP, where the settings don't turn that off. */
record Receiver(@Nullable IngestService service) implements AutoCloseable {

  /** Listens beside the indexer, to which http.port belongs. */
  static Receiver start(Settings settings, InstantSource clock) {
    ReceiverConfig config = ReceiverConfig.from(settings).beside();
    return new Receiver(
        config.http().enabled()
            ? IngestService.start(Connection.from(settings), config, clock)
            : null);
  }

  @Override
  public void close() {
    if (service != null) {
      service.close();
    }
  }
}
