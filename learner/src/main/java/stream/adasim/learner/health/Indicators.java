package stream.adasim.learner.health;

import static java.util.Locale.ROOT;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The indicators of one mini-epoch; NaN is what could not be measured. Not thread-safe. */
public final class Indicators {
  private final Map<Indicator, Double> values = new EnumMap<>(Indicator.class);

  /** None is known. */
  Indicators() {}

  /** The value, or NaN. */
  public double get(Indicator indicator) {
    return values.getOrDefault(indicator, Double.NaN);
  }

  void set(Indicator indicator, double value) {
    values.put(indicator, value);
  }

  /** Those that are known, as {@code rankMe=23.1 quality=0.52}. */
  @Override
  public String toString() {
    return Arrays.stream(Indicator.values())
        .filter(indicator -> !Double.isNaN(get(indicator)))
        .map(indicator -> String.format(ROOT, "%s=%.4g", indicator.field(), get(indicator)))
        .collect(Collectors.joining(" "));
  }

  void save(DataOutput out) throws IOException {
    for (Indicator indicator : Indicator.values()) {
      out.writeDouble(get(indicator));
    }
  }

  void restore(DataInput in) throws IOException {
    for (Indicator indicator : Indicator.values()) {
      set(indicator, in.readDouble());
    }
  }
}
