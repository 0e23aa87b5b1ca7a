package stream.adasim.standalone.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import stream.adasim.schemas.settings.Settings;

/** How every command takes settings: a file, the environment, and flags, the later ones first. */
final class SettingsOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A properties file with settings (README lists them).")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "One setting, such as train.temperature=0.02; may be repeated. Wins over the environment"
              + " (ADASIM_TRAIN_TEMPERATURE), which wins over the file.")
  private Map<String, String> flags = new LinkedHashMap<>();

  /** Settings from all sources, with some fixed by the command itself. */
  Settings load(ConfigDef definition, Map<String, String> fixed) {
    Map<String, String> all = new LinkedHashMap<>(flags);
    all.putAll(fixed);
    return Settings.load(definition, file, System.getenv(), all);
  }
}
