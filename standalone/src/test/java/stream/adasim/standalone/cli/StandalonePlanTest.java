package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandalonePlanTest {
  @TempDir private Path folder;

  private StandalonePlan plan(
      List<Path> images,
      @Nullable Integer synthetic,
      int kafkaPort,
      int registryPort,
      @Nullable String duration,
      @Nullable Path summary) {
    return StandalonePlan.of(
        images, synthetic, folder, kafkaPort, registryPort, duration, 1, summary);
  }

  @Test
  void makesItsOwnImagesOnlyWhereNoneAreGiven() {
    assertThat(plan(List.of(), null, 0, 0, null, null).synthetic()).hasValue(4000);
    assertThat(plan(List.of(folder), null, 0, 0, null, null).synthetic()).isEmpty();
    assertThat(plan(List.of(folder), 10, 0, 0, null, null).synthetic()).hasValue(10);
  }

  @Test
  void readsDurations() {
    assertThat(plan(List.of(), null, 0, 0, "3m", null).duration()).hasValue(Duration.ofMinutes(3));
    assertThat(plan(List.of(), null, 0, 0, null, null).duration()).isEmpty();
  }

  @Test
  void saysWhatIsWrongBeforeAnythingStarts() {
    Path missing = folder.resolve("missing");
    refused(() -> plan(List.of(missing), null, 0, 0, null, null), "--images " + missing);
    refused(() -> plan(List.of(), 0, 0, 0, null, null), "--synthetic 0 must be 1 or more");
    refused(() -> plan(List.of(), null, 70000, 0, null, null), "--kafka-port 70000");
    refused(() -> plan(List.of(), null, 9092, 9092, null, null), "give them different ports");
    refused(() -> plan(List.of(), null, 0, 0, "soon", null), "--duration soon");
    refused(
        () -> plan(List.of(), null, 0, 0, null, missing.resolve("s.json")), "cannot be written");
  }

  private static void refused(Runnable plan, String message) {
    assertThatThrownBy(plan::run).isInstanceOf(UsageException.class).hasMessageContaining(message);
  }
}
