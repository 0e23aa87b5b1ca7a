package stream.adasim.standalone.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import stream.adasim.standalone.status.SystemStatus.Freshness;
import stream.adasim.standalone.status.SystemStatus.Service;
import stream.adasim.standalone.status.SystemStatus.TopicState;
import stream.adasim.standalone.status.SystemStatus.Training;

class StatusScreenTest {
  private static final List<String> HERE = List.of("/127.0.0.1");

  private static Service service(String name, int members, @Nullable Long lag) {
    String topic = name.equals("trainer") ? null : "images";
    return new Service(
        name, "adasim-" + name, members == 0 ? "ABSENT" : "STABLE", members, HERE, topic, lag);
  }

  private static Training training(
      double age, double batchEntropy, double gate, String... healthAlarms) {
    return new Training(
        "learner",
        age,
        "adasim-1",
        29,
        12_345,
        5.4,
        batchEntropy,
        6.93,
        gate,
        0.11,
        0.01,
        430,
        999,
        List.of(healthAlarms),
        "bootstrapping-off");
  }

  private static SystemStatus status(
      Training training, Freshness freshness, int trainers, long lag) {
    SystemStatus status =
        new SystemStatus(
            "2026-11-28T06:00:00Z",
            "kafka:9092",
            List.of(
                service("embedder", 2, lag),
                service("trainer", trainers, null),
                service("indexer", 1, 12L)),
            List.of(new TopicState("images", 4, 6_000), new TopicState("images.dead-letter", 1, 3)),
            List.of(training),
            freshness,
            List.of(),
            List.of());
    return status.with(Alarms.of(status));
  }

  @Test
  void showsASystemThatDoesWellOnOneScreen() {
    SystemStatus status = status(training(4, 6.1, 0.61), new Freshness(100, 0.21, 0.5), 2, 40);
    String screen = StatusScreen.of(status);
    assertThat(screen)
        .contains("kafka:9092", "embedder         2  stable", "40 of images")
        .contains("images.dead-letter                    1            3")
        .contains("learner: step 12,345, loss 5.40, gate 61 %, bootstrapped 11 %", "4.0 s ago")
        .contains("adasim-1 v29", "p50 0.2 s, p95 0.5 s", "3 dead letters", "alarms     none");
    assertThat(screen.lines()).hasSizeLessThan(24).allMatch(line -> line.length() < 110);
  }

  @Test
  void raisesAnAlarmForEverythingThatIsWrong() {
    SystemStatus status =
        status(
            training(300, 0.2, 0.001, "rank-me: 12.1 threshold 14.0 (largest 23.3)"),
            new Freshness(100, 90, 95),
            0,
            123_456);
    assertThat(status.alarms())
        .satisfiesExactly(
            alarm -> assertThat(alarm).contains("embedder is 123,456 records"),
            alarm -> assertThat(alarm).contains("no trainer"),
            alarm -> assertThat(alarm).contains("nothing for 300 s"),
            alarm -> assertThat(alarm).contains("collapses", "0.20 of 6.93"),
            alarm ->
                assertThat(alarm)
                    .isEqualTo(
                        "latent space, action bootstrapping-off: rank-me: 12.1 threshold 14.0"
                            + " (largest 23.3)"),
            alarm -> assertThat(alarm).contains("gate is shut", "0.1 %"),
            alarm -> assertThat(alarm).contains("older than 60 s"));
    assertThat(StatusScreen.of(status)).contains("ALARM      no trainer").doesNotContain("none");
  }

  @Test
  void saysWhatItDoesNotKnow() {
    SystemStatus empty =
        new SystemStatus(
            "2026-11-28T06:00:00Z",
            "kafka:9092",
            List.of(service("embedder", 0, null)),
            List.of(),
            List.of(),
            null,
            List.of(),
            List.of("embeddings cannot be read: the registry is down"));
    assertThat(StatusScreen.of(empty.with(Alarms.of(empty))))
        .contains("nothing was said yet", "no arrival is among", "ALARM      no embedder")
        .contains("unknown    embeddings cannot be read: the registry is down");
  }
}
