package stream.adasim.learner.network;

import java.util.Arrays;
import java.util.Map;

/** Checks of an architecture's numbers. */
final class Numbers {
  private Numbers() {}

  static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + "=" + value + " must be 1 or more");
    }
  }

  static String text(Map<String, String> map, String name) {
    String value = map.get(name);
    if (value == null) {
      throw new IllegalArgumentException("architecture lacks " + name + "; found " + map.keySet());
    }
    return value;
  }

  static int number(Map<String, String> map, String name) {
    return number(name, text(map, name));
  }

  static int number(String name, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "architecture's " + name + "=" + value + " must be a whole number", e);
    }
  }

  static <E extends Enum<E>> E choice(Map<String, String> map, String name, Class<E> choices) {
    String value = text(map, name);
    for (E choice : choices.getEnumConstants()) {
      if (choice.name().equalsIgnoreCase(value)) {
        return choice;
      }
    }
    throw new IllegalArgumentException(
        "architecture's "
            + name
            + "="
            + value
            + " must be one of "
            + Arrays.toString(choices.getEnumConstants()));
  }
}
