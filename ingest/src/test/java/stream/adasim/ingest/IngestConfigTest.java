package stream.adasim.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import stream.adasim.ingest.IngestConfig.CapturedAt;
import stream.adasim.schemas.settings.Settings;

final class IngestConfigTest {

  private static IngestConfig load(Map<String, String> environment, Map<String, String> flags) {
    return IngestConfig.from(Settings.load(IngestConfig.definition(), null, environment, flags));
  }

  @Test
  void hasADefaultForEverything() {
    IngestConfig config = load(Map.of(), Map.of());

    assertThat(config.maxInFlight()).isEqualTo(500);
    assertThat(config.capturedAt()).isEqualTo(CapturedAt.READ);
    assertThat(config.watchSettle()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.connection().imageMaxBytes()).isEqualTo(8 << 20);
  }

  @Test
  void readsItsKeysFromTheEnvironmentAndFromFlags() {
    IngestConfig config =
        load(
            Map.of("ADASIM_INGEST_MAX_IN_FLIGHT", "7", "ADASIM_INGEST_WATCH_SETTLE", "3s"),
            Map.of("ingest.captured-at", "modified", "ingest.watch.settle", "250ms"));

    assertThat(config.maxInFlight()).isEqualTo(7);
    assertThat(config.capturedAt()).isEqualTo(CapturedAt.MODIFIED);
    assertThat(config.watchSettle()).isEqualTo(Duration.ofMillis(250));
  }
}
