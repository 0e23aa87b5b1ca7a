import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import stream.adasim.standalone.picture.Text;

/**
 * Draws the dashboard as an SVG, from what Prometheus answers to its queries: a picture for those
 * who have no Grafana at hand.
 *
 * <pre>java -cp 'standalone/target/dist/lib/*' deploy/observe/Draw.java FILE [MINUTES [URL]]</pre>
 *
 * MINUTES: how far back it looks (30). URL: where Prometheus is (http://localhost:9090).
 */
void main(String[] args) throws IOException, InterruptedException {
  Path file = Path.of(args[0]);
  Duration span = Duration.ofMinutes(args.length > 1 ? Integer.parseInt(args[1]) : 30);
  Prometheus prometheus = new Prometheus(args.length > 2 ? args[2] : "http://localhost:9090");
  Instant to = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  Instant from = to.minus(span);
  Duration step = Duration.ofSeconds(Math.max(10, span.toSeconds() / 120));

  Dashboard dashboard = Dashboard.read(Path.of("deploy/observe/grafana/dashboards/adasim.json"));
  StringBuilder svg = new StringBuilder();
  int bottom = 0;
  for (Dashboard.Panel panel : dashboard.panels()) {
    List<Plot.Line> lines = new ArrayList<>();
    for (Dashboard.Query query : panel.queries()) {
      for (Prometheus.Series series : prometheus.range(query.expression(), from, to, step)) {
        lines.add(new Plot.Line(query.name(series.labels()), series.points()));
      }
    }
    svg.append(new Plot(panel, from, to).draw(lines));
    bottom = Math.max(bottom, Plot.bottom(panel));
  }
  Files.writeString(
      file,
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
      <rect width="100%%" height="100%%" fill="#f4f5f5"/>
      <text x="10" y="25" font-size="16" font-weight="bold">%s</text>
      <text x="%d" y="25" text-anchor="end" fill="#555">%d minutes until %s</text>
      %s</svg>
      """
          .formatted(
              Plot.WIDTH,
              bottom,
              Text.escaped(dashboard.title()),
              Plot.WIDTH - 10,
              span.toMinutes(),
              to,
              svg));
}
