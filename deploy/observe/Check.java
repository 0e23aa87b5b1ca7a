import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Asks a Prometheus that scrapes a running system whether its targets are up, whether every query
 * of the dashboard has numbers in the last five minutes, and whether every alert rule does, and
 * prints a table. Ends with 1 where one doesn't.
 *
 * <pre>java -cp 'standalone/target/dist/lib/*' deploy/observe/Check.java [URL]</pre>
 *
 * URL: where Prometheus is (http://localhost:9090).
 */
private boolean failed;

void main(String[] args) throws IOException, InterruptedException {
  Prometheus prometheus = new Prometheus(args.length > 0 ? args[0] : "http://localhost:9090");
  targets(prometheus.targets());
  IO.println("\n   series  panel: query");
  Dashboard dashboard = Dashboard.read(Path.of("deploy/observe/grafana/dashboards/adasim.json"));
  for (Dashboard.Panel panel : dashboard.panels()) {
    for (Dashboard.Query query : panel.queries()) {
      row(panel.title(), query.expression(), () -> lately(prometheus, query.expression()));
    }
  }
  IO.println("\n   series  alert (state): rule");
  for (JsonNode alert : prometheus.alerts()) {
    String rule = alert.path("query").asText();
    String name = alert.path("name").asText() + " (" + alert.path("state").asText() + ")";
    row(name, rule, () -> evaluated(prometheus, alert, rule));
  }
  System.exit(failed ? 1 : 0);
}

private void targets(JsonNode targets) {
  int up = 0;
  for (JsonNode target : targets) {
    if (target.path("health").asText().equals("up")) {
      up++;
    } else {
      IO.println(
          "FAILED %s %s: %s"
              .formatted(
                  target.at("/labels/job").asText(),
                  target.at("/labels/instance").asText(),
                  target.path("lastError").asText()));
    }
  }
  IO.println("%d of %d targets are up".formatted(up, targets.size()));
  failed |= up == 0 || up < targets.size();
}

private static List<Prometheus.Series> lately(Prometheus prometheus, String query)
    throws IOException, InterruptedException {
  Instant now = Instant.now();
  return prometheus.range(query, now.minus(Duration.ofMinutes(5)), now, Duration.ofSeconds(15));
}

/**
 * What a rule compares, as 0 or 1 for each of its series: a rule that is quiet has no series of its
 * own, and one that asks for something that nobody measures would be quiet for ever.
 */
private static List<Prometheus.Series> evaluated(Prometheus prometheus, JsonNode alert, String rule)
    throws IOException, InterruptedException {
  if (!alert.path("health").asText().equals("ok")) {
    throw new IOException(alert.path("health").asText() + " " + alert.path("lastError").asText());
  }
  return prometheus.now(rule.replaceAll(" (==|!=|<=|>=|<|>) ", " $1 bool "));
}

private void row(String what, String query, Asked asked) throws InterruptedException {
  String answer;
  try {
    long series = asked.ask().stream().filter(Prometheus.Series::hasNumbers).count();
    failed |= series == 0;
    answer = series == 0 ? "FAILED: 0" : Long.toString(series);
  } catch (IOException e) {
    failed = true;
    answer = "FAILED: " + e.getMessage();
  }
  IO.println("%9s  %s: %s".formatted(answer, what, query));
}

private interface Asked {
  List<Prometheus.Series> ask() throws IOException, InterruptedException;
}
