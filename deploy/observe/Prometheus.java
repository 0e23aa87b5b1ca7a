import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a running Prometheus answers over its HTTP API. */
final class Prometheus {
  record Point(double time, double value) {}

  /** One series of an answer, its points in the order of time; gaps have none. */
  record Series(Map<String, String> labels, List<Point> points) {
    boolean hasNumbers() {
      return points.stream().anyMatch(point -> Double.isFinite(point.value()));
    }
  }

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client = HttpClient.newHttpClient();
  private final String url;

  Prometheus(String url) {
    this.url = url;
  }

  List<Series> now(String query) throws IOException, InterruptedException {
    return series(get("query?query=" + encoded(query)).path("result"));
  }

  List<Series> range(String query, Instant from, Instant to, Duration step)
      throws IOException, InterruptedException {
    String path =
        "query_range?query=%s&start=%d&end=%d&step=%d"
            .formatted(
                encoded(query), from.getEpochSecond(), to.getEpochSecond(), step.toSeconds());
    return series(get(path).path("result"));
  }

  JsonNode targets() throws IOException, InterruptedException {
    return get("targets?state=active").path("activeTargets");
  }

  /** The alert rules of all groups. */
  List<JsonNode> alerts() throws IOException, InterruptedException {
    List<JsonNode> alerts = new ArrayList<>();
    for (JsonNode group : get("rules?type=alert").path("groups")) {
      group.path("rules").forEach(alerts::add);
    }
    return alerts;
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/api/v1/" + path))
            .timeout(Duration.ofSeconds(30))
            .build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    JsonNode body = JSON.readTree(answer.body());
    if (!body.path("status").asText().equals("success")) {
      throw new IOException(answer.statusCode() + ": " + body.path("error").asText());
    }
    return body.path("data");
  }

  private static List<Series> series(JsonNode result) {
    List<Series> series = new ArrayList<>();
    for (JsonNode one : result) {
      Map<String, String> labels = new TreeMap<>();
      one.path("metric")
          .properties()
          .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
      List<Point> points = new ArrayList<>();
      one.path("values").forEach(pair -> points.add(point(pair)));
      if (one.has("value")) {
        points.add(point(one.path("value")));
      }
      series.add(new Series(labels, points));
    }
    return series;
  }

  private static Point point(JsonNode pair) {
    double value =
        switch (pair.path(1).asText()) {
          case "+Inf" -> Double.POSITIVE_INFINITY;
          case "-Inf" -> Double.NEGATIVE_INFINITY;
          case String number -> Double.parseDouble(number);
        };
    return new Point(pair.path(0).asDouble(), value);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
