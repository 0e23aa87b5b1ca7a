import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The vertical axis of a plot, with about four ticks that are round in the unit shown. */
record Axis(double least, double most, double step, double one, String unit) {
  static Axis over(double least, double most, String grafanaUnit) {
    if (most == least) {
      most = least + Math.max(Math.abs(least) * 0.1, 1e-9);
    }
    return switch (grafanaUnit) {
      case "percentunit" -> round(least, most, 0.01, " %");
      case "bytes" -> round(least, most, 1 << 20, " MiB");
      case "s" -> most < 1 ? round(least, most, 0.001, " ms") : round(least, most, 1, " s");
      case "ops" -> round(least, most, 1, "/s");
      default -> round(least, most, 1, "");
    };
  }

  private static Axis round(double least, double most, double one, String unit) {
    double rough = (most - least) / one / 4;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double times = rough / power;
    double step = power * one * (times > 5 ? 10 : times > 2 ? 5 : times > 1 ? 2 : 1);
    return new Axis(
        Math.floor(least / step) * step, Math.ceil(most / step) * step, step, one, unit);
  }

  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; least + i * step <= most + step / 2; i++) {
      ticks.add(least + i * step);
    }
    return ticks;
  }

  double pixel(double value, int top, int bottom) {
    return bottom - (bottom - top) * (value - least) / (most - least);
  }

  /** With as many digits as tell two ticks apart. */
  String label(double tick) {
    int digits = Math.max(0, (int) Math.ceil(-Math.log10(step / one) - 1e-9));
    return String.format(Locale.ROOT, "%,." + digits + "f%s", tick / one, unit);
  }
}
