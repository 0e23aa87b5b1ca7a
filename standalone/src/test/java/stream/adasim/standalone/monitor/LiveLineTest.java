package stream.adasim.standalone.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.TrainingProgress;

class LiveLineTest {
  @Test
  void saysHowItGoesInOneLine() {
    assertThat(LiveLine.of(status(0, Progress.at(310, 12), new Accuracy(0.312, 2_000, "m", 12))))
        .isEqualTo(
            "00:42  images 6,000  embedded 5,990  dead 10 | step 310  98 img/s  loss 6.21"
                + "  gate 12%  bootstrapped 4%  tau 0.010 | kNN 31.2% (2,000 of v12)  model v12");
  }

  @Test
  void saysWhatIsNotKnownYet() {
    assertThat(LiveLine.of(Status.empty()))
        .isEqualTo("00:00  images 0  embedded 0  dead 0 | no step yet | kNN -");
    assertThat(LiveLine.of(status(0, Progress.at(1, 0), null))).endsWith("| kNN -  model v0");
  }

  @Test
  void saysWhoseAccuracyItIsWhereTheNewestModelHasFewVectors() {
    assertThat(LiveLine.of(status(0, Progress.at(310, 12), new Accuracy(0.3, 2_000, "m", 10))))
        .endsWith("| kNN 30.0% (2,000 of v10)  model v12");
  }

  @Test
  void namesDeletionsOnlyWhereThereAreAny() {
    assertThat(LiveLine.of(status(3, null, null))).contains("dead 10  deleted 3 |");
  }

  @Test
  void namesAlarmsAndWhatIsDoneAboutThemOnlyWhereThereAreAny() {
    TrainingProgress progress = Progress.at(310, 12);
    progress.setAlarms(List.of("rank-me: 12 threshold 14 (largest 23)", "hubs: 0.3"));
    assertThat(LiveLine.of(status(0, progress, null))).endsWith(" | ALARM rank-me, hubs");
    progress.setHealthAction("bootstrapping-off");
    assertThat(LiveLine.of(status(0, progress, null)))
        .endsWith(" | ALARM rank-me, hubs -> bootstrapping-off");
    assertThat(LiveLine.of(status(0, Progress.at(310, 12), null))).doesNotContain("ALARM");
  }

  @Test
  void countsHoursInFrontOfMinutes() {
    assertThat(LiveLine.clock(Duration.ofSeconds(7_384))).isEqualTo("2:03:04");
  }

  private static Status status(
      long deleted, @Nullable TrainingProgress progress, @Nullable Accuracy accuracy) {
    return new Status(
        Duration.ofSeconds(42),
        6_000,
        6_100,
        5_990,
        10,
        deleted,
        120,
        progress,
        progress,
        null,
        accuracy,
        Duration.ofMillis(2_500));
  }
}
