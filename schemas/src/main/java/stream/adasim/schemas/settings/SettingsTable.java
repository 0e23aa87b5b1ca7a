package stream.adasim.schemas.settings;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigDef;

/** The settings as a Markdown table, for the README: the definition stays the only place. */
public final class SettingsTable {
  private SettingsTable() {}

  /** Header and one line for each key, sorted by key; ends with a line break. */
  public static String of(ConfigDef definition) {
    return "| key | default | range | what it does |\n|---|---|---|---|\n"
        + definition.configKeys().values().stream()
            .sorted(Comparator.comparing(key -> key.name))
            .map(SettingsTable::row)
            .collect(Collectors.joining());
  }

  private static String row(ConfigDef.ConfigKey key) {
    return "| `%s` | %s | %s | %s |\n"
        .formatted(key.name, defaultOf(key), cell(expected(key)), cell(key.documentation.strip()));
  }

  private static String defaultOf(ConfigDef.ConfigKey key) {
    if (!key.hasDefault()) {
      return "required";
    }
    // A secret's default is empty or absent; printing it through Password would say [hidden].
    String text =
        key.type == ConfigDef.Type.PASSWORD
            ? ""
            : ConfigDef.convertToString(key.defaultValue, key.type);
    return text == null || text.isEmpty() ? "(empty)" : "`" + cell(text) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }

  /** Type and range in words. */
  static String expected(ConfigDef.ConfigKey key) {
    if (key.validator instanceof Durations) {
      return key.validator.toString();
    }
    String type =
        switch (key.type) {
          case BOOLEAN -> "true or false";
          case INT, LONG, SHORT -> "a whole number";
          case DOUBLE -> "a number";
          case LIST -> "a list, separated by commas";
          case CLASS -> "the name of a class";
          case PASSWORD -> "text (secret)";
          case STRING -> "text";
        };
    return key.validator == null ? type : type + ", " + range(key.validator.toString());
  }

  /** Kafka writes ranges as [1,...,5]; a table wants 1..5. */
  private static String range(String text) {
    if (!text.startsWith("[") || !text.endsWith("]")) {
      return text;
    }
    List<String> parts = List.of(text.substring(1, text.length() - 1).split(",\\s*", -1));
    int dots = parts.indexOf("...");
    if (dots < 0) {
      return "one of " + String.join(", ", parts);
    }
    if (dots == 0) {
      return "at most " + parts.getLast();
    }
    return dots == parts.size() - 1
        ? "at least " + parts.getFirst()
        : parts.getFirst() + ".." + parts.getLast();
  }
}
