package stream.adasim.schemas.settings;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * Typed values of the keys that a {@link ConfigDef} defines. Later sources win: defaults,
 * properties file, environment, flags.
 *
 * <p>The environment variable of a key is {@code ADASIM_} and the key in upper case, with {@code .}
 * and {@code -} as {@code _}. Keys that begin with {@code kafka.} ({@code ADASIM_KAFKA_}) pass
 * through to Kafka's clients unread. Immutable.
 */
public final class Settings {
  /** What secrets print as. */
  public static final String REDACTED = "[redacted]";

  private static final String ENVIRONMENT = "ADASIM_";
  private static final String ENVIRONMENT_KAFKA = "ADASIM_KAFKA_";
  private static final String KAFKA = "kafka.";
  private static final List<String> SECRET_WORDS =
      List.of("password", "secret", "jaas", "user.info", "private.key", "keystore.key", "token");

  private static final Pattern URL_USER = Pattern.compile("://[^/,\\s]*@");

  private final ConfigDef definition;
  private final Map<String, Object> values;
  private final Set<String> given;
  private final Map<String, String> kafka;

  private Settings(
      ConfigDef definition,
      Map<String, Object> values,
      Set<String> given,
      Map<String, String> kafka) {
    this.definition = definition;
    this.values = values;
    this.given = given;
    this.kafka = kafka;
  }

  /**
   * Reads all sources.
   *
   * @param definition the known keys; none begins with {@code kafka.}
   * @param file a properties file in UTF-8, or null for none
   * @param environment usually {@link System#getenv()}; variables without our prefix are ignored
   * @param flags key to value, as given on the command line
   * @throws SettingsException if a key is unknown, a value is bad, a key without default is absent
   *     or the file cannot be read; names every fault
   */
  public static Settings load(
      ConfigDef definition,
      @Nullable Path file,
      Map<String, String> environment,
      Map<String, String> flags)
      throws SettingsException {
    Loading loading = new Loading(definition);
    if (file != null) {
      loading.file(file);
    }
    new TreeMap<>(environment).forEach(loading::variable);
    new TreeMap<>(flags).forEach((key, value) -> loading.take("flag " + key, key, value));
    return loading.finish();
  }

  /** The environment variable that sets a key. */
  public static String variableOf(String key) {
    return ENVIRONMENT + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** Whether the value of a key handed through to Kafka must not be shown. */
  public static boolean isSecret(String kafkaKey) {
    String lower = kafkaKey.toLowerCase(Locale.ROOT);
    return SECRET_WORDS.stream().anyMatch(lower::contains);
  }

  /** Whether file, environment or flags name the key, if only with the default as its value. */
  public boolean given(String key) {
    return given.contains(key);
  }

  /** A value of type STRING or CLASS. */
  public String string(String key) {
    return get(key, String.class);
  }

  /** A value of type INT or SHORT. */
  public int integer(String key) {
    return get(key, Number.class).intValue();
  }

  /** A value of type LONG, INT or SHORT. */
  public long longValue(String key) {
    return get(key, Number.class).longValue();
  }

  /** A value of type DOUBLE or of a whole number. */
  public double real(String key) {
    return get(key, Number.class).doubleValue();
  }

  /** A value of type BOOLEAN. */
  public boolean bool(String key) {
    return get(key, Boolean.class);
  }

  /** A value of type LIST. */
  public List<String> list(String key) {
    List<?> values = get(key, List.class);
    return values.stream().map(String::valueOf).toList();
  }

  /**
   * A length of time: a value of type STRING checked by {@link Durations}, or a whole number of
   * milliseconds.
   */
  public Duration duration(String key) {
    Object value = get(key, Object.class);
    return value instanceof Number number
        ? Duration.ofMillis(number.longValue())
        : Durations.parse(value.toString());
  }

  /** A value of type STRING as a path of the default file system. */
  public Path path(String key) {
    return Path.of(string(key));
  }

  /** A value of type PASSWORD; its toString hides it. */
  public Password secret(String key) {
    return get(key, Password.class);
  }

  /** What passes through to Kafka's clients, without the prefix {@code kafka.}. */
  public Map<String, String> kafka() {
    return kafka;
  }

  /** All values, one a line as in a properties file, secrets redacted: fit for a log. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(values)
        .forEach((key, value) -> line(text, key, shown(definition.configKeys().get(key), value)));
    new TreeMap<>(kafka)
        .forEach((key, value) -> line(text, KAFKA + key, isSecret(key) ? REDACTED : value));
    return text.toString();
  }

  /** The text with user and password cut out of every URL in it. */
  public static String withoutUserInfo(String text) {
    return URL_USER.matcher(text).replaceAll("://" + REDACTED + "@");
  }

  private static void line(StringBuilder text, String key, @Nullable String value) {
    text.append(key).append('=').append(value == null ? "" : withoutUserInfo(value)).append('\n');
  }

  private static @Nullable String shown(ConfigDef.@Nullable ConfigKey key, @Nullable Object value) {
    if (key == null || value == null) {
      return null;
    }
    return key.type == ConfigDef.Type.PASSWORD
        ? REDACTED
        : ConfigDef.convertToString(value, key.type);
  }

  private <V> V get(String key, Class<V> type) {
    Object value = values.get(key);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          key + " isn't a defined setting of type " + type.getSimpleName());
    }
    return type.cast(value);
  }

  /** One reading of all sources: collects values and faults. */
  private static final class Loading {
    private final ConfigDef definition;
    private final Map<String, String> keyOfVariable = new HashMap<>();
    private final Map<String, Object> values = new HashMap<>();
    private final Set<String> given = new HashSet<>();
    private final Map<String, String> kafka = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final List<String> badKeys = new ArrayList<>();

    Loading(ConfigDef definition) {
      this.definition = definition;
      for (ConfigDef.ConfigKey key : definition.configKeys().values()) {
        String other = keyOfVariable.put(variableOf(key.name), key.name);
        if (other != null || key.name.startsWith(KAFKA)) {
          throw new IllegalArgumentException("setting " + key.name + " clashes with " + other);
        }
        if (key.hasDefault()) {
          values.put(key.name, key.defaultValue);
        }
      }
    }

    void file(Path file) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
        properties.load(reader);
      } catch (NoSuchFileException e) {
        faults.add(file + ": there is no such file; expected a properties file in UTF-8");
        return;
      } catch (IOException | IllegalArgumentException e) {
        faults.add(file + ": cannot be read as a properties file in UTF-8 (" + e + ")");
        return;
      }
      new TreeMap<>(properties)
          .forEach((key, value) -> take(file.toString(), key.toString(), value.toString()));
    }

    void variable(String name, String value) {
      if (name.startsWith(ENVIRONMENT_KAFKA)) {
        String rest = name.substring(ENVIRONMENT_KAFKA.length());
        take(name, KAFKA + rest.toLowerCase(Locale.ROOT).replace('_', '.'), value);
      } else if (name.startsWith(ENVIRONMENT)) {
        String key = keyOfVariable.get(name);
        if (key == null) {
          faults.add(
              "environment variable %s: no such setting; expected %s"
                  .formatted(name, Nearest.of(name, keyOfVariable.keySet())));
        } else {
          take("environment variable " + name, key, value);
        }
      }
    }

    void take(String origin, String key, String value) {
      if (key.startsWith(KAFKA) && key.length() > KAFKA.length()) {
        kafka.put(key.substring(KAFKA.length()), value);
        return;
      }
      ConfigDef.ConfigKey known = definition.configKeys().get(key);
      if (known == null) {
        faults.add(
            "%s: %s: no such setting; expected %s"
                .formatted(origin, key, Nearest.of(key, definition.names())));
        return;
      }
      try {
        Object parsed = ConfigDef.parseType(key, value, known.type);
        if (known.validator != null) {
          known.validator.ensureValid(key, parsed);
        }
        values.put(key, parsed);
        given.add(key);
      } catch (ConfigException e) {
        String found =
            known.type == ConfigDef.Type.PASSWORD ? REDACTED : "'" + withoutUserInfo(value) + "'";
        faults.add(
            "%s: %s: found %s; expected %s"
                .formatted(origin, key, found, SettingsTable.expected(known)));
        badKeys.add(key);
      }
    }

    Settings finish() {
      for (ConfigDef.ConfigKey key : definition.configKeys().values()) {
        if (!values.containsKey(key.name) && !badKeys.contains(key.name)) {
          faults.add(
              "nowhere: %s: found nothing; expected %s in the file, as %s or as a flag"
                  .formatted(key.name, SettingsTable.expected(key), variableOf(key.name)));
        }
      }
      if (!faults.isEmpty()) {
        throw new SettingsException(faults);
      }
      return new Settings(definition, values, Set.copyOf(given), Map.copyOf(kafka));
    }
  }
}
