package stream.adasim.standalone.experiment;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One axis of a grid: a setting and its values. A value may bring further settings: {@code adasim +
 * train.temperature=0.05}.
 *
 * @param key name of the setting
 */
record Axis(String key, List<Value> values) {
  Axis {
    values = List.copyOf(values);
  }

  /**
   * One value.
   *
   * @param name as reports show it
   * @param settings that it makes
   */
  record Value(String name, Map<String, String> settings) {
    Value {
      settings = Map.copyOf(settings);
    }
  }

  /**
   * Reads an axis.
   *
   * @throws ExperimentException if there is no value, one twice, or one that can't be read
   */
  static Axis of(String key, String text) {
    List<Value> values = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String part : text.split(",", -1)) {
      Value value = value(key, part.strip());
      if (!names.add(value.name())) {
        throw new ExperimentException("grid." + key + ": '" + value.name() + "' is there twice");
      }
      values.add(value);
    }
    return new Axis(key, values);
  }

  private static Value value(String key, String text) {
    Map<String, String> settings = new LinkedHashMap<>();
    String[] parts = text.split("\\s\\+\\s", -1);
    List<String> name = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i].strip();
      int equals = part.indexOf('=');
      if (part.isEmpty() || (i > 0 && equals < 1)) {
        throw new ExperimentException(
            "grid."
                + key
                + ": found '"
                + text
                + "'; expected values separated by commas, each a value or value + key=value");
      }
      String set = i == 0 ? key : part.substring(0, equals).strip();
      String value = i == 0 ? part : part.substring(equals + 1).strip();
      settings.put(set, value);
      name.add(i == 0 ? value : set.substring(set.lastIndexOf('.') + 1) + " " + value);
    }
    return new Value(String.join(" ", name), settings);
  }
}
