package stream.adasim.standalone.picture;

import java.util.ArrayList;
import java.util.List;

/**
 * Numbers on a line: values from low to high lie between two places.
 *
 * @param from place of low, in SVG units
 * @param to place of high
 */
record Axis(double low, double high, double from, double to) {

  /** One that holds all values, with some air and round ends; below 0 only where values are. */
  static Axis around(double low, double high, double from, double to) {
    double flat = high == 0 ? 1 : Math.abs(high) / 5;
    double span = high > low ? high - low : flat;
    double step = step(span);
    double bottom = Math.floor((low - 0.02 * span) / step) * step;
    return new Axis(
        low >= 0 ? Math.max(0, bottom) : bottom,
        Math.ceil((high + 0.02 * span) / step) * step,
        from,
        to);
  }

  double at(double value) {
    return from + (value - low) / (high - low) * (to - from);
  }

  /** Round values, four to nine of them. */
  List<Double> ticks() {
    double step = step(high - low);
    List<Double> ticks = new ArrayList<>();
    for (long i = Math.round(Math.ceil(low / step - 1e-9)); i * step <= high + 1e-9 * step; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A tick as text, with as many decimals as its neighbours need. */
  String label(double tick) {
    int decimals = (int) Math.clamp(-Math.floor(Math.log10(step(high - low)) + 1e-9), 0, 6);
    return Text.number(tick, decimals);
  }

  private static double step(double span) {
    double power = Math.pow(10, Math.floor(Math.log10(span)));
    double ratio = span / power;
    return ratio < 2 ? power / 5 : ratio < 5 ? power / 2 : power;
  }
}
