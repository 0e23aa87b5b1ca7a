package stream.adasim.schemas.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.junit.jupiter.api.Test;

final class SettingsTableTest {
  @Test
  void rendersKeyDefaultRangeAndPurposeSortedByKey() {
    ConfigDef definition =
        new ConfigDef()
            .define(
                "pause",
                ConfigDef.Type.STRING,
                "3m",
                Durations.atLeast(Duration.ofSeconds(1)),
                Importance.LOW,
                "How long.")
            .define(
                "kind",
                ConfigDef.Type.STRING,
                "A",
                ConfigDef.ValidString.in("A", "B"),
                Importance.LOW,
                "A | B.")
            .define(
                "a.number", ConfigDef.Type.INT, 1, ConfigDef.Range.atLeast(1), Importance.LOW, "N")
            .define("pass", ConfigDef.Type.PASSWORD, "", Importance.LOW, "Hush.");
    assertThat(SettingsTable.of(definition))
        .isEqualTo(
            """
            | key | default | range | what it does |
            |---|---|---|---|
            | `a.number` | `1` | a whole number, at least 1 | N |
            | `kind` | `A` | text, one of A, B | A \\| B. |
            | `pass` | (empty) | text (secret) | Hush. |
            | `pause` | `3m` | a duration of 1s or more | How long. |
            """);
  }

  @Test
  void hasALineForEveryKeyThatServicesShare() {
    ConfigDef shared = Connection.define(new ConfigDef());
    assertThat(SettingsTable.of(shared).lines()).hasSize(2 + shared.names().size());
    assertThat(SettingsTable.of(shared))
        .contains("| `topic.partitions` | `4` | a whole number, 1..10000 |");
  }
}
