package stream.adasim.schemas.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
  @TempDir private Path folder;

  private static ConfigDef definition() {
    return new ConfigDef()
        .define("topic.prefix", ConfigDef.Type.STRING, "", Importance.LOW, "a prefix")
        .define(
            "batch-size", ConfigDef.Type.INT, 32, Range.between(1, 64), Importance.LOW, "a size")
        .define("big", ConfigDef.Type.LONG, 1L << 40, Importance.LOW, "a long")
        .define("rate", ConfigDef.Type.DOUBLE, 0.5, Importance.LOW, "a rate")
        .define("fast", ConfigDef.Type.BOOLEAN, false, Importance.LOW, "a choice")
        .define("urls", ConfigDef.Type.LIST, "a,b", Importance.LOW, "some URLs")
        .define(
            "pause",
            ConfigDef.Type.STRING,
            "500ms",
            Durations.between(Duration.ofMillis(1), Duration.ofHours(3)),
            Importance.LOW,
            "a pause")
        .define("user.info", ConfigDef.Type.PASSWORD, "", Importance.LOW, "a secret");
  }

  private Path file(String... lines) throws IOException {
    return Files.writeString(folder.resolve("adasim.properties"), String.join("\n", lines));
  }

  private static Settings flags(String key, String value) {
    return Settings.load(definition(), null, Map.of(), Map.of(key, value));
  }

  @Test
  void defaultsHoldWhereNothingElseIsSaid() {
    Settings settings = Settings.load(definition(), null, Map.of(), Map.of());
    assertThat(settings.string("topic.prefix")).isEmpty();
    assertThat(settings.integer("batch-size")).isEqualTo(32);
    assertThat(settings.longValue("big")).isEqualTo(1L << 40);
    assertThat(settings.real("rate")).isEqualTo(0.5);
    assertThat(settings.bool("fast")).isFalse();
    assertThat(settings.list("urls")).containsExactly("a", "b");
    assertThat(settings.duration("pause")).isEqualTo(Duration.ofMillis(500));
    assertThat(settings.secret("user.info").value()).isEmpty();
    assertThat(settings.kafka()).isEmpty();
  }

  @Test
  void flagsWinOverEnvironmentOverFile() throws IOException {
    Path file = file("batch-size = 1", "rate = 0.1", "urls = x", "topic.prefix = of-file.");
    Settings settings =
        Settings.load(
            definition(),
            file,
            Map.of("ADASIM_BATCH_SIZE", "2", "ADASIM_RATE", "0.2", "ADASIM_URLS", "y, z"),
            Map.of("batch-size", "3"));
    assertThat(settings.integer("batch-size")).isEqualTo(3);
    assertThat(settings.real("rate")).isEqualTo(0.2);
    assertThat(settings.list("urls")).containsExactly("y", "z");
    assertThat(settings.string("topic.prefix")).isEqualTo("of-file.");
  }

  @Test
  void variablesThatAreNotOursAreIgnored() {
    assertThat(Settings.load(definition(), null, Map.of("PATH", "/bin", "BATCH", "x"), Map.of()))
        .isNotNull();
  }

  @Test
  void kafkaKeysPassThroughFromEverySource() throws IOException {
    Settings settings =
        Settings.load(
            definition(),
            file("kafka.security.protocol=SASL_SSL", "kafka.linger.ms=1"),
            Map.of("ADASIM_KAFKA_SASL_MECHANISM", "PLAIN", "ADASIM_KAFKA_LINGER_MS", "2"),
            Map.of("kafka.linger.ms", "3"));
    assertThat(settings.kafka())
        .containsOnly(
            Map.entry("security.protocol", "SASL_SSL"),
            Map.entry("sasl.mechanism", "PLAIN"),
            Map.entry("linger.ms", "3"));
  }

  @Test
  void reportsEveryFaultOfEverySourceAtOnce() throws IOException {
    Path file = file("batch-size=0", "topic.prefx=a", "fast=maybe");
    SettingsException thrown =
        catchThrowableOfType(
            SettingsException.class,
            () ->
                Settings.load(
                    definition(),
                    file,
                    Map.of("ADASIM_BATCHSIZE", "1", "ADASIM_RATE", "quick"),
                    Map.of("pause", "4h", "big", "1.5", "kafka.", "x")));
    assertThat(thrown.faults())
        .containsExactly(
            file + ": batch-size: found '0'; expected a whole number, 1..64",
            file + ": fast: found 'maybe'; expected true or false",
            file
                + ": topic.prefx: no such setting; expected a known one, the nearest is"
                + " topic.prefix",
            "environment variable ADASIM_BATCHSIZE: no such setting; expected a known one, the"
                + " nearest is ADASIM_BATCH_SIZE",
            "environment variable ADASIM_RATE: rate: found 'quick'; expected a number",
            "flag big: big: found '1.5'; expected a whole number",
            "flag kafka.: kafka.: no such setting; expected a known one, the nearest is fast",
            "flag pause: pause: found '4h'; expected a duration within 1ms..3h");
    assertThat(thrown).hasMessage(String.join(System.lineSeparator(), thrown.faults()));
  }

  @Test
  void reportsABadValueEvenWhereALaterSourceHasAGoodOne() {
    assertThatThrownBy(
            () ->
                Settings.load(
                    definition(), null, Map.of("ADASIM_RATE", "quick"), Map.of("rate", "0.1")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("ADASIM_RATE");
  }

  @Test
  void reportsAMissingFileWithTheOtherFaults() {
    Path missing = folder.resolve("none.properties");
    SettingsException thrown =
        catchThrowableOfType(
            SettingsException.class,
            () -> Settings.load(definition(), missing, Map.of(), Map.of("rate", "x")));
    assertThat(thrown.faults()).hasSize(2);
    assertThat(thrown).hasMessageContaining(missing + ": there is no such file");
  }

  @Test
  void reportsARequiredKeyThatNothingSets() {
    ConfigDef required =
        new ConfigDef().define("data.dir", ConfigDef.Type.STRING, Importance.HIGH, "a folder");
    assertThatThrownBy(() -> Settings.load(required, null, Map.of(), Map.of()))
        .hasMessageContaining("data.dir")
        .hasMessageContaining("ADASIM_DATA_DIR");
    Settings settings =
        Settings.load(required, null, Map.of(), Map.of("data.dir", folder.toString()));
    assertThat(settings.path("data.dir")).isEqualTo(folder);
  }

  @Test
  void printsNoSecret() {
    Settings settings =
        Settings.load(
            definition(),
            null,
            Map.of("ADASIM_KAFKA_SASL_JAAS_CONFIG", "hush1"),
            Map.of(
                "user.info", "me:hush2",
                "kafka.ssl.key.password", "hush3",
                "kafka.client.secret", "hush4",
                "kafka.basic.auth.user.info", "hush5",
                "urls", "http://me:hush6@host/a,http://host/b",
                "kafka.linger.ms", "7"));
    assertThat(settings.toString())
        .doesNotContain("hush")
        .contains("user.info=[redacted]\n")
        .contains("kafka.sasl.jaas.config=[redacted]\n")
        .contains("urls=http://[redacted]@host/a,http://host/b\n")
        .contains("kafka.linger.ms=7\n")
        .contains("batch-size=32\n");
    assertThat(settings.secret("user.info").value()).isEqualTo("me:hush2");
  }

  @Test
  void namesNoSecretThatIsBad() {
    ConfigDef strict =
        new ConfigDef()
            .define(
                "pass",
                ConfigDef.Type.PASSWORD,
                "",
                ConfigDef.LambdaValidator.with(
                    (name, value) -> {
                      if (!((Password) value).value().isEmpty()) {
                        throw new ConfigException(name, value);
                      }
                    },
                    () -> "something else"),
                Importance.LOW,
                "never right");
    assertThatThrownBy(() -> Settings.load(strict, null, Map.of(), Map.of("pass", "hush")))
        .hasMessage("flag pass: pass: found [redacted]; expected text (secret), something else");
  }

  @ParameterizedTest
  @CsvSource({
    "500ms, 500",
    "7, 7",
    "2s, 2000",
    "3m, 180000",
    "2h, 7200000",
    " 1 h , 3600000",
  })
  void readsDurations(String text, long millis) {
    assertThat(flags("pause", text).duration("pause")).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fast", "-1", "1.5s", "3 weeks", "0", "4h", "999999999999999999d"})
  void refusesWhatIsNoDurationInRange(String text) {
    assertThatThrownBy(() -> flags("pause", text)).isInstanceOf(SettingsException.class);
  }

  @Test
  void readsAWholeNumberAsADurationInMilliseconds() {
    assertThat(flags("batch-size", "12").duration("batch-size")).isEqualTo(Duration.ofMillis(12));
  }

  @Test
  void refusesToReadAKeyAsAnotherType() {
    Settings settings = flags("rate", "1");
    assertThatThrownBy(() -> settings.string("rate")).hasMessageContaining("rate");
    assertThatThrownBy(() -> settings.string("absent")).hasMessageContaining("absent");
  }

  @Test
  void refusesDefinitionsWhoseVariablesClash() {
    ConfigDef clash =
        definition().define("batch.size", ConfigDef.Type.INT, 1, Importance.LOW, "the same");
    assertThatThrownBy(() -> Settings.load(clash, null, Map.of(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
