package stream.adasim.compute;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What linear layers, attention and convolutions multiply in; everything else is in float32. */
public enum Precision {
  /** bfloat16 where the processor has instructions for it, float32 elsewhere. */
  AUTO,
  /** float32. */
  FP32,
  /** Operands rounded to bfloat16, sums in float32. */
  BF16;

  /** The names of all, as settings have them. */
  public static final List<String> NAMES =
      Arrays.stream(values()).map(each -> each.name().toLowerCase(Locale.ROOT)).toList();

  /**
   * The precision of a name.
   *
   * @throws IllegalArgumentException if none has it
   */
  public static Precision of(String name) {
    int index = NAMES.indexOf(name);
    if (index < 0) {
      throw new IllegalArgumentException(
          "compute precision=" + name + " is unknown, expected one of " + String.join(", ", NAMES));
    }
    return values()[index];
  }
}
