package stream.adasim.standalone.picture;

import java.util.ArrayList;
import java.util.List;

/** Curves over a common axis, with bands for their intervals. */
public final class Lines {
  private static final int LEFT = 56;
  private static final int WIDTH = 520;
  private static final int TOP = 30;
  private static final int HEIGHT = 230;

  private final String title;
  private final String across;
  private final List<Line> lines = new ArrayList<>();
  private final List<Level> levels = new ArrayList<>();

  /**
   * A point of a curve.
   *
   * @param low of the interval; infinite where there is none
   */
  public record Point(double x, double value, double low, double high) {}

  private record Line(String name, List<Point> points) {}

  private record Level(String name, double value) {}

  /**
   * @param across what the horizontal axis counts
   */
  public Lines(String title, String across) {
    this.title = title;
    this.across = across;
  }

  /** Adds a curve; points whose value is not a number are left out. */
  public Lines add(String name, List<Point> points) {
    lines.add(
        new Line(name, points.stream().filter(point -> Double.isFinite(point.value)).toList()));
    return this;
  }

  /** Adds a horizontal line to compare with. */
  public Lines level(String name, double value) {
    levels.add(new Level(name, value));
    return this;
  }

  /** Whether there is nothing to draw. */
  public boolean isEmpty() {
    return lines.stream().allMatch(line -> line.points.isEmpty());
  }

  /** The picture, an svg element. */
  public String svg() {
    Axis x = axis(true);
    Axis y = axis(false);
    StringBuilder out = new StringBuilder();
    out.append(
        Text.format("<text x=\"0\" y=\"14\" font-weight=\"600\">%s</text>\n", Text.escaped(title)));
    for (double tick : y.ticks()) {
      out.append(
          Text.format(
              "<line x1=\"%d\" x2=\"%d\" y1=\"%3$.1f\" y2=\"%3$.1f\" stroke=\"#ddd\"/><text x=\"%4$d\" y=\"%5$.1f\" text-anchor=\"end\">%6$s</text>\n",
              LEFT, LEFT + WIDTH, y.at(tick), LEFT - 6, y.at(tick) + 4, y.label(tick)));
    }
    for (double tick : x.ticks()) {
      out.append(
          Text.format(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
              x.at(tick), TOP + HEIGHT + 18, x.label(tick)));
    }
    out.append(
        Text.format(
            "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
            LEFT + WIDTH / 2, TOP + HEIGHT + 36, Text.escaped(across)));
    for (Level level : levels) {
      out.append(
          Text.format(
              "<line x1=\"%d\" x2=\"%d\" y1=\"%3$.1f\" y2=\"%3$.1f\" stroke=\"#888\" stroke-dasharray=\"3 3\"/><text x=\"%4$d\" y=\"%5$.1f\" text-anchor=\"end\" fill=\"#555\">%6$s</text>\n",
              LEFT,
              LEFT + WIDTH,
              y.at(level.value),
              LEFT + WIDTH - 2,
              y.at(level.value) - 4,
              Text.escaped(level.name)));
    }
    for (int i = 0; i < lines.size(); i++) {
      out.append(band(lines.get(i), i, x, y));
    }
    for (int i = 0; i < lines.size(); i++) {
      out.append(curve(lines.get(i), i, x, y));
    }
    int legend = legend(out);
    return Text.format(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\">\n%s</svg>\n",
        LEFT + WIDTH + 12, TOP + HEIGHT + 48 + legend, out);
  }

  private Axis axis(boolean horizontal) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Line line : lines) {
      for (Point point : line.points) {
        double least = horizontal ? point.x : Math.min(point.value, finite(point.low, point.value));
        double most = horizontal ? point.x : Math.max(point.value, finite(point.high, point.value));
        low = Math.min(low, least);
        high = Math.max(high, most);
      }
    }
    if (horizontal) {
      return new Axis(low, high > low ? high : low + 1, LEFT, LEFT + WIDTH);
    }
    for (Level level : levels) {
      low = Math.min(low, level.value);
      high = Math.max(high, level.value);
    }
    return Axis.around(low, high, TOP + HEIGHT, TOP);
  }

  private static double finite(double bound, double instead) {
    return Double.isFinite(bound) ? bound : instead;
  }

  private static String band(Line line, int series, Axis x, Axis y) {
    List<Point> bounded =
        line.points.stream()
            .filter(point -> Double.isFinite(point.low) && Double.isFinite(point.high))
            .toList();
    if (bounded.size() < 2) {
      return "";
    }
    StringBuilder outline = new StringBuilder();
    for (Point point : bounded) {
      outline.append(Text.format("%.1f,%.1f ", x.at(point.x), y.at(point.high)));
    }
    for (Point point : bounded.reversed()) {
      outline.append(Text.format("%.1f,%.1f ", x.at(point.x), y.at(point.low)));
    }
    return Text.format(
        "<polygon points=\"%s\" fill=\"%s\" fill-opacity=\".12\"/>\n",
        outline.toString().strip(), Palette.colour(series));
  }

  private static String curve(Line line, int series, Axis x, Axis y) {
    StringBuilder points = new StringBuilder();
    for (Point point : line.points) {
      points.append(Text.format("%.1f,%.1f ", x.at(point.x), y.at(point.value)));
    }
    return Text.format(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>\n",
        points.toString().strip(), Palette.colour(series), Palette.dash(series));
  }

  /** Two columns below the plot; returns their height. */
  private int legend(StringBuilder out) {
    int top = TOP + HEIGHT + 56;
    for (int i = 0; i < lines.size(); i++) {
      int left = LEFT + i % 2 * (WIDTH / 2);
      int line = top + i / 2 * 18;
      out.append(
          Text.format(
              "<line x1=\"%d\" x2=\"%d\" y1=\"%3$d\" y2=\"%3$d\" stroke=\"%4$s\" stroke-width=\"3\" stroke-dasharray=\"%5$s\"/><text x=\"%6$d\" y=\"%7$d\">%8$s</text>\n",
              left,
              left + 22,
              line - 4,
              Palette.colour(i),
              Palette.dash(i),
              left + 28,
              line,
              Text.escaped(lines.get(i).name)));
    }
    return 18 * ((lines.size() + 1) / 2);
  }
}
