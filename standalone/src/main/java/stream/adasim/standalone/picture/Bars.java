package stream.adasim.standalone.picture;

import java.util.ArrayList;
import java.util.List;

/** Horizontal bars with intervals, in groups. */
public final class Bars {
  private static final int LABEL = 250;
  private static final int PLOT = 430;
  private static final int VALUE = 150;
  private static final int BAR = 20;
  private static final int GAP = 12;

  private final String unit;
  private final List<Bar> bars = new ArrayList<>();

  private record Bar(
      String group, String name, double value, double low, double high, int series) {}

  /**
   * @param unit of the axis
   */
  public Bars(String unit) {
    this.unit = unit;
  }

  /**
   * Adds a bar below those before it.
   *
   * @param group its heading; a new one begins where it changes
   * @param low of the interval; infinite where there is none
   * @param series which colour it has
   */
  public Bars add(String group, String name, double value, double low, double high, int series) {
    bars.add(new Bar(group, name, value, low, high, series));
    return this;
  }

  /** The picture, an svg element. */
  public String svg() {
    double largest = 0;
    double least = 0;
    for (Bar bar : bars) {
      largest = Math.max(largest, Double.isFinite(bar.high) ? bar.high : bar.value);
      least = Math.min(least, Double.isFinite(bar.low) ? bar.low : bar.value);
    }
    Axis axis = Axis.around(least, largest, LABEL, LABEL + PLOT);
    if (least >= 0) {
      axis = new Axis(0, axis.high(), LABEL, LABEL + PLOT);
    }
    StringBuilder body = new StringBuilder();
    String group = "";
    int y = 8;
    for (Bar bar : bars) {
      if (!bar.group.equals(group)) {
        group = bar.group;
        y += GAP;
        body.append(
            Text.format(
                "<text x=\"0\" y=\"%d\" font-weight=\"600\">%s</text>\n",
                y + 8, Text.escaped(group)));
        y += GAP + 6;
      }
      body.append(bar(bar, axis, y));
      y += BAR + 4;
    }
    StringBuilder grid = new StringBuilder();
    for (double tick : axis.ticks()) {
      grid.append(
          Text.format(
              "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"4\" y2=\"%2$d\" stroke=\"#ddd\"/><text x=\"%1$.1f\" y=\"%3$d\" text-anchor=\"middle\">%4$s</text>\n",
              axis.at(tick), y + 2, y + 18, axis.label(tick)));
    }
    return Text.format(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\">\n%s%s<text x=\"%d\" y=\"%d\">%s</text></svg>\n",
        LABEL + PLOT + VALUE, y + 24, grid, body, LABEL + PLOT + 24, y + 18, Text.escaped(unit));
  }

  private static String bar(Bar bar, Axis axis, int y) {
    double zero = axis.at(Math.max(0, axis.low()));
    double end = axis.at(bar.value);
    StringBuilder out = new StringBuilder();
    out.append(
        Text.format(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
            LABEL - 8, y + 14, Text.escaped(bar.name)));
    out.append(
        Text.format(
            "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\" fill-opacity=\".75\"/>",
            Math.min(zero, end), y, Math.abs(end - zero), BAR, Palette.colour(bar.series)));
    boolean interval = Double.isFinite(bar.low) && Double.isFinite(bar.high);
    if (interval) {
      out.append(
          Text.format(
              "<path d=\"M%1$.1f %3$d H%2$.1f M%1$.1f %4$d v8 M%2$.1f %4$d v8\" stroke=\"#222\" stroke-width=\"1.5\" fill=\"none\"/>",
              axis.at(bar.low), axis.at(bar.high), y + BAR / 2, y + BAR / 2 - 4));
    }
    String text =
        interval
            ? Text.format(
                "%s (%s to %s)",
                Text.number(bar.value, 1), Text.number(bar.low, 1), Text.number(bar.high, 1))
            : Text.number(bar.value, 1);
    double right = Math.max(end, interval ? axis.at(bar.high) : end);
    out.append(Text.format("<text x=\"%.1f\" y=\"%d\">%s</text>\n", right + 6, y + 14, text));
    return out.toString();
  }
}
