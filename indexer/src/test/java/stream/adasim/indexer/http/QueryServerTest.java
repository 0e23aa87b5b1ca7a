package stream.adasim.indexer.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.http.HttpConfig;
import stream.adasim.http.Problem;
import stream.adasim.indexer.Counts;
import stream.adasim.indexer.memory.Banks;

/** The server before there is a running indexer behind it; with one it is tested in a pipeline. */
class QueryServerTest {
  private static final String SEARCH = "/v1/search";

  @TempDir private Path folder;

  private final QueryServer server =
      QueryServer.listen(
          new QueryConfig(
              new HttpConfig(true, "127.0.0.1", 0, true, "", new Password("")),
              2,
              Duration.ofSeconds(2)));
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.url().resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> search(String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.url().resolve(SEARCH))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void problem(HttpResponse<String> response, int status, String detail)
      throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).contains(Problem.MEDIA_TYPE);
    assertThat(new JsonMapper().readTree(response.body()).get("detail").asText()).contains(detail);
    if (status == 503) {
      assertThat(response.headers().firstValueAsLong("retry-after")).isPresent();
    }
  }

  @Test
  void describesExactlyThePathsThatItHas() throws Exception {
    ParseOptions options = new ParseOptions();
    options.setResolve(true);
    SwaggerParseResult parsed =
        new OpenAPIV3Parser().readContents(get("/openapi.yaml").body(), null, options);
    assertThat(parsed.getMessages()).isEmpty();
    OpenAPI document = parsed.getOpenAPI();
    assertThat(document.getOpenapi()).isEqualTo("3.1.0");
    Set<String> described = new TreeSet<>();
    document
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach(
                        (method, operation) -> {
                          described.add(method + " " + path);
                          assertThat(operation.getResponses()).containsKey("200");
                        }));
    assertThat(described).isEqualTo(server.routes());
  }

  @Test
  void asksForPatienceUntilThereIsSomebodyToAnswer() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    problem(get("/health/ready"), 503, "starting");
    problem(get("/v1/images/a/embedding"), 503, "starting");
    problem(get("/v1/stats"), 503, "starting");
    problem(search("{\"id\":\"a\"}"), 503, "starting");
  }

  @Test
  void asksForPatienceWhileStateIsRestored() throws Exception {
    try (Kernels kernels = Backends.open("auto", 1);
        KafkaStreams streams = new KafkaStreams(topology(), properties())) {
      server.serve(
          new QueryServer.Indexer(
              "test",
              streams,
              new Banks(kernels, 10, false, 1),
              "bank",
              4,
              10,
              10,
              () -> new Counts(3, 2, Map.of(), 1),
              () -> Optional.of("disk full")));

      problem(get("/v1/images/a/embedding"), 503, "Kafka Streams is CREATED");
      problem(get("/v1/images/a/neighbours"), 503, "Kafka Streams is CREATED");
      problem(search("{\"id\":\"a\"}"), 503, "Kafka Streams is CREATED");
      problem(search("{\"id\":1}"), 400, "id: found 1");
      problem(get("/health/live"), 503, "disk full");
      var stats = new JsonMapper().readTree(get("/v1/stats").body());
      assertThat(stats.at("/records/read").asLong()).isEqualTo(3);
      assertThat(stats.at("/state").asText()).isEqualTo("CREATED");
      assertThat(get("/metrics").body())
          .contains("adasim_indexer_records_total{outcome=\"processed\",reason=\"none\"} 2")
          .contains("adasim_indexer_memory_capacity 10")
          .contains("adasim_indexer_search_recall NaN")
          .contains("kafka_");
    }
  }

  private static Topology topology() {
    return new Topology().addSource("source", "topic");
  }

  private Properties properties() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    Properties properties = new Properties();
    properties.putAll(settings);
    return properties;
  }
}
