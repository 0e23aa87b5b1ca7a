import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import stream.adasim.standalone.picture.Text;

/** One panel of a dashboard in SVG: a frame, axes, a line for each series and their names. */
final class Plot {
  record Line(String name, List<Prometheus.Point> points) {}

  private record Place(int x, int row) {}

  private static final int COLUMN = 50; // pixels of one of the 24 columns of Grafana's grid
  private static final int ROW = 28;
  private static final int HEADER = 40; // of the dashboard, above all panels
  static final int WIDTH = 24 * COLUMN;

  private static final List<String> COLOURS =
      List.of(
          "#3274d9", "#e0752d", "#37872d", "#c4162a", "#8f3bb8", "#b5a000", "#0a9396", "#e377c2",
          "#7f7f7f", "#1b1f3b");
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm").withZone(ZoneOffset.UTC);
  private static final double LETTER = 6.5; // pixels, about

  private final Dashboard.Panel panel;
  private final int x;
  private final int y;
  private final int width;
  private final int height;
  private final double from;
  private final double to;
  private final int left;
  private final int right;
  private final int top;
  private final StringBuilder svg = new StringBuilder();

  Plot(Dashboard.Panel panel, Instant from, Instant to) {
    this.panel = panel;
    x = panel.x() * COLUMN;
    y = HEADER + panel.y() * ROW;
    width = panel.width() * COLUMN;
    height = panel.height() * ROW;
    this.from = from.getEpochSecond();
    this.to = to.getEpochSecond();
    left = x + 62;
    right = x + width - 14;
    top = y + 30;
  }

  static int bottom(Dashboard.Panel panel) {
    return HEADER + (panel.y() + panel.height()) * ROW;
  }

  String draw(List<Line> lines) {
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#fff\" stroke=\"#ddd\"/>",
        x + 3, y + 3, width - 6, height - 6);
    add(
        "<text x=\"%d\" y=\"%d\" font-size=\"12\" font-weight=\"bold\">%s</text>",
        x + 12, y + 20, Text.escaped(panel.title()));
    int bottom = names(lines) - 28;
    double[] values =
        lines.stream()
            .flatMap(line -> line.points().stream())
            .mapToDouble(Prometheus.Point::value)
            .filter(Double::isFinite)
            .toArray();
    if (values.length == 0) {
      add("<text x=\"%d\" y=\"%d\" fill=\"#888\">no data</text>", x + 12, y + height / 2);
      return svg.toString();
    }
    Axis axis =
        Axis.over(
            panel.fromZero() ? 0 : DoubleStream.of(values).min().orElseThrow(),
            DoubleStream.of(values).max().orElseThrow(),
            panel.unit());
    for (double tick : axis.ticks()) {
      double at = axis.pixel(tick, top, bottom);
      add(
          "<path d=\"M%d %.1fH%d\" stroke=\"#e4e4e4\"/><text x=\"%d\" y=\"%.1f\""
              + " text-anchor=\"end\" fill=\"#555\">%s</text>",
          left, at, right, left - 5, at + 4, axis.label(tick));
    }
    for (int part = 0; part <= 3; part++) {
      double time = from + (to - from) * part / 3;
      add(
          "<text x=\"%.0f\" y=\"%d\" text-anchor=\"%s\" fill=\"#555\">%s</text>",
          pixel(time),
          bottom + 14,
          part == 0 ? "start" : part == 3 ? "end" : "middle",
          CLOCK.format(Instant.ofEpochSecond((long) time)));
    }
    for (int i = 0; i < lines.size(); i++) {
      add(
          "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>",
          path(lines.get(i).points(), axis, bottom), COLOURS.get(i % COLOURS.size()));
    }
    return svg.toString();
  }

  /** Draws the names of the lines at the foot, and says where their first row begins. */
  private int names(List<Line> lines) {
    List<Place> places = new ArrayList<>();
    int row = 0;
    int at = x + 12;
    for (Line line : lines) {
      int wide = 24 + (int) (LETTER * line.name().length());
      if (at + wide > right && at > x + 12) {
        row++;
        at = x + 12;
      }
      places.add(new Place(at, row));
      at += wide;
    }
    int first = y + height - 12 - 14 * row;
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      int base = first + 14 * place.row();
      add(
          "<path d=\"M%d %dh10\" stroke=\"%s\" stroke-width=\"3\"/><text x=\"%d\""
              + " y=\"%d\">%s</text>",
          place.x(),
          base - 4,
          COLOURS.get(i % COLOURS.size()),
          place.x() + 13,
          base,
          Text.escaped(lines.get(i).name()));
    }
    return first;
  }

  private String path(List<Prometheus.Point> points, Axis axis, int bottom) {
    StringBuilder path = new StringBuilder();
    boolean gap = true;
    for (Prometheus.Point point : points) {
      if (Double.isFinite(point.value())) {
        path.append(
            String.format(
                Locale.ROOT,
                "%s%.0f %.1f",
                gap ? "M" : "L",
                pixel(point.time()),
                axis.pixel(point.value(), top, bottom)));
      }
      gap = !Double.isFinite(point.value());
    }
    return path.toString();
  }

  private double pixel(double time) {
    return left + (right - left) * (time - from) / (to - from);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
