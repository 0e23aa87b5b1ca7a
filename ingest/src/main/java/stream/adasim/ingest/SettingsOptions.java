package stream.adasim.ingest;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import stream.adasim.schemas.settings.Settings;

/**
 * How every command of adasim takes settings: a file, the environment, and flags, the later ones
 * first. A mixin for picocli.
 */
public final class SettingsOptions {
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

  /**
   * Settings from all sources.
   *
   * @param environment usually {@link System#getenv()}
   * @param fixed what the command itself decides; wins over everything
   * @throws stream.adasim.schemas.settings.SettingsException naming everything that is wrong
   */
  public Settings load(
      ConfigDef definition, Map<String, String> environment, Map<String, String> fixed) {
    Map<String, String> all = new LinkedHashMap<>(flags);
    all.putAll(fixed);
    return Settings.load(definition, file, environment, all);
  }
}
