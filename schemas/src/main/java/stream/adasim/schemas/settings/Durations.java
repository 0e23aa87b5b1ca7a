package stream.adasim.schemas.settings;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * The range of a setting that is a length of time: a validator for keys of type STRING, so that a
 * bad one is found when settings are loaded.
 *
 * <p>Written as a whole number and one of {@code ms}, {@code s}, {@code m}, {@code h}, {@code d};
 * without a unit the number counts milliseconds.
 */
public final class Durations implements ConfigDef.Validator {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,18})\\s*(ms|s|m|h|d)?");

  private final Duration least;
  private final Duration most;

  private Durations(Duration least, Duration most) {
    this.least = least;
    this.most = most;
  }

  /** Any length from {@code least} on. */
  public static Durations atLeast(Duration least) {
    return new Durations(least, Duration.ofMillis(Long.MAX_VALUE));
  }

  /** Any length within the two, both included. */
  public static Durations between(Duration least, Duration most) {
    return new Durations(least, most);
  }

  /**
   * Reads a length such as {@code 500ms}, {@code 3m} or {@code 2h}; a plain number is milliseconds.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a duration");
    }
    long amount = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    return switch (unit == null ? "ms" : unit) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      case "d" -> Duration.ofDays(amount);
      default -> Duration.ofMillis(amount);
    };
  }

  static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0 || millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  @Override
  public void ensureValid(String name, Object value) {
    Duration duration;
    try {
      duration = parse(String.valueOf(value));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new ConfigException(name, value, "expected " + this);
    }
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      throw new ConfigException(name, value, "expected " + this);
    }
  }

  @Override
  public String toString() {
    return most.toMillis() == Long.MAX_VALUE
        ? "a duration of " + text(least) + " or more"
        : "a duration within " + text(least) + ".." + text(most);
  }
}
