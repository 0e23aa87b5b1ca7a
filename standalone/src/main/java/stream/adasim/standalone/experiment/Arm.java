package stream.adasim.standalone.experiment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Settings;

/**
 * One combination of a grid's values.
 *
 * @param values axis to the name of its value, in the order of the axes
 * @param settings everything that is set, by name
 */
record Arm(Map<String, String> values, Map<String, String> settings) {
  static final String PARTNER = "train.partner";

  /** What settings that a result depends on begin with. */
  private static final List<String> SHAPING = List.of("model.", "train.", "window.", "memory.");

  Arm {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    settings = Map.copyOf(settings);
  }

  /** What reports call it. */
  String name() {
    return values.isEmpty() ? "all defaults" : String.join(", ", values.values());
  }

  /** Whose view the second view is. */
  String partner() {
    return settings.getOrDefault(PARTNER, "adasim");
  }

  /** What it shares with those arms that differ from it in the partner alone. */
  Map<String, String> context() {
    Map<String, String> rest = new LinkedHashMap<>(values);
    rest.remove(PARTNER);
    return rest;
  }

  StreamOrder order() {
    return StreamOrder.of(settings.getOrDefault(Plan.ORDER, StreamOrder.AT_ONCE.text()));
  }

  /** What holds of model, training, window and memory where an arm says nothing else. */
  static Map<String, String> defaults() {
    Map<String, String> defaults = new LinkedHashMap<>();
    for (ConfigDef definition : List.of(LearnerConfig.definition(), IndexerConfig.definition())) {
      definition
          .defaultValues()
          .forEach(
              (key, value) -> {
                if (SHAPING.stream().anyMatch(key::startsWith)) {
                  defaults.put(key, String.valueOf(value));
                }
              });
    }
    return defaults;
  }

  LearnerConfig learner(long seed, int threads) {
    Map<String, String> flags = new LinkedHashMap<>();
    settings.forEach(
        (key, value) -> {
          if (LearnerConfig.definition().names().contains(key)) {
            flags.put(key, value);
          }
        });
    flags.put("seed", Long.toString(seed));
    flags.put("compute.threads", Integer.toString(threads));
    // An action would turn partners off, and the arm would no longer be what it is called.
    flags.putIfAbsent("health.actions", "off");
    return LearnerConfig.from(Settings.load(LearnerConfig.definition(), null, Map.of(), flags));
  }

  IndexerConfig indexer() {
    Map<String, String> flags = new LinkedHashMap<>();
    settings.forEach(
        (key, value) -> {
          if (IndexerConfig.definition().names().contains(key)) {
            flags.put(key, value);
          }
        });
    return IndexerConfig.from(Settings.load(IndexerConfig.definition(), null, Map.of(), flags));
  }

  /** All combinations of the axes' values over the same fixed settings. */
  static List<Arm> all(List<Axis> axes, Map<String, String> fixed) {
    List<Arm> arms = List.of(new Arm(Map.of(), fixed));
    for (Axis axis : axes) {
      List<Arm> more = new ArrayList<>();
      for (Arm arm : arms) {
        for (Axis.Value value : axis.values()) {
          Map<String, String> values = new LinkedHashMap<>(arm.values);
          values.put(axis.key(), value.name());
          Map<String, String> settings = new LinkedHashMap<>(arm.settings);
          settings.putAll(value.settings());
          more.add(new Arm(values, settings));
        }
      }
      arms = more;
    }
    return arms;
  }
}
