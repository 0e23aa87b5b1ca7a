package stream.adasim.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.ingest.IngestConfig;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.catalogue.TopicTable;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.SettingsTable;

/**
 * The README's tables are generated from the code. Written anew with {@code ./mvnw -pl standalone
 * test -Dtest=ReadmeTest -Dadasim.readme=write}.
 */
class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");

  private static final Map<String, Supplier<String>> TABLES =
      new TreeMap<>(
          Map.of(
              "topics",
              TopicTable::markdown,
              "settings connection",
              () -> SettingsTable.of(Connection.define(new ConfigDef())),
              "settings ingest",
              () -> SettingsTable.of(own(IngestConfig.definition())),
              "settings learner",
              () -> SettingsTable.of(own(LearnerConfig.definition())),
              "settings indexer",
              () -> SettingsTable.of(own(IndexerConfig.definition()))));

  @Test
  void theTablesAreThoseOfTheCode() throws IOException {
    String readme = Files.readString(README);
    String expected = readme;
    for (Map.Entry<String, Supplier<String>> table : TABLES.entrySet()) {
      expected = replace(expected, table.getKey(), table.getValue().get().strip());
    }
    if ("write".equals(System.getProperty("adasim.readme"))) {
      Files.writeString(README, expected);
    }
    assertThat(Files.readString(README))
        .as("the README's tables; write them anew with -Dadasim.readme=write")
        .isEqualTo(expected);
  }

  private static String replace(String readme, String name, String table) {
    String begin = "<!-- " + name + " -->\n";
    String end = "\n<!-- /" + name + " -->";
    int from = readme.indexOf(begin);
    int to = readme.indexOf(end.strip());
    assertThat(from).as("the mark %s", begin.strip()).isNotNegative();
    assertThat(to).as("the mark %s", end.strip()).isGreaterThan(from);
    return readme.substring(0, from + begin.length()) + table + "\n" + readme.substring(to);
  }

  /** A service's settings without those that all services share. */
  private static ConfigDef own(ConfigDef definition) {
    ConfigDef shared = Connection.define(new ConfigDef());
    ConfigDef own = new ConfigDef();
    definition.configKeys().values().stream()
        .filter(key -> !shared.names().contains(key.name))
        .forEach(own::define);
    return own;
  }
}
