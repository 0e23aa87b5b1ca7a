import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A dashboard as Grafana's JSON describes it: of its panels what a check and a picture need. */
record Dashboard(String title, List<Panel> panels) {
  /** Place and size are in Grafana's grid, which is 24 wide. */
  record Panel(
      String title,
      int x,
      int y,
      int width,
      int height,
      String unit,
      boolean fromZero,
      List<Query> queries) {}

  record Query(String expression, String legend) {
    private static final Pattern LABEL = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");

    String name(Map<String, String> labels) {
      return LABEL
          .matcher(legend)
          .replaceAll(label -> Matcher.quoteReplacement(labels.getOrDefault(label.group(1), "")))
          .strip();
    }
  }

  static Dashboard read(Path file) throws IOException {
    JsonNode json = new JsonMapper().readTree(file.toFile());
    List<Panel> panels = new ArrayList<>();
    for (JsonNode panel : json.path("panels")) {
      JsonNode place = panel.path("gridPos");
      JsonNode defaults = panel.at("/fieldConfig/defaults");
      List<Query> queries = new ArrayList<>();
      for (JsonNode target : panel.path("targets")) {
        queries.add(new Query(target.path("expr").asText(), target.path("legendFormat").asText()));
      }
      panels.add(
          new Panel(
              panel.path("title").asText(),
              place.path("x").asInt(),
              place.path("y").asInt(),
              place.path("w").asInt(),
              place.path("h").asInt(),
              defaults.path("unit").asText(),
              defaults.has("min"),
              queries));
    }
    return new Dashboard(json.path("title").asText(), panels);
  }
}
