package stream.adasim.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class LineProgressTest {
  private Instant now = Instant.EPOCH;
  private final List<String> lines = new ArrayList<>();

  private void run(OptionalLong total) {
    var progress = new LineProgress(total, () -> now, lines::add);
    for (int sent = 1; sent <= 24; sent++) {
      now = now.plusMillis(500);
      progress.at(new IngestReport(sent, 0, 0, 0, 0, 0));
    }
  }

  @Test
  void writesALineEveryFiveSecondsWithRateAndTimeLeft() {
    run(OptionalLong.of(30));

    assertThat(lines)
        .containsExactly("10 of 30, 2.0 images/s, 10 s left", "20 of 30, 2.0 images/s, 5 s left");
  }

  @Test
  void leavesOutWhatItCannotKnow() {
    run(OptionalLong.empty());

    assertThat(lines).containsExactly("10, 2.0 images/s", "20, 2.0 images/s");
  }
}
