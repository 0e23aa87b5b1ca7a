package stream.adasim.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.settings.SettingsException;

class HttpServerTest {
  private static final Password NO_TOKEN = new Password("");
  private static final HttpConfig ANY_PORT = config(Map.of("http.port", "0"));

  private final AtomicReference<Optional<String>> dead = new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<String>> busy = new AtomicReference<>(Optional.empty());
  private final Metrics metrics = new Metrics();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server = start();

  private HttpServer start() {
    List<Route> routes = new ArrayList<>(new Health(dead::get, busy::get).routes());
    routes.add(metrics.route());
    routes.add(
        Route.get(
            "/things/{id}/name",
            (request, response) ->
                Body.send(
                    response,
                    "text/plain; charset=utf-8",
                    Route.parameter("/things/{id}/name", request)
                        .getBytes(StandardCharsets.UTF_8))));
    routes.add(
        Route.post("/things", (request, response) -> Body.json(response, Body.json(request))));
    routes.add(
        Route.get(
            "/broken",
            (request, response) -> {
              throw new IllegalStateException("on purpose");
            }));
    return HttpServer.start(ANY_PORT, routes, metrics.registry());
  }

  private static HttpConfig config(Map<String, String> flags) {
    ConfigDef definition = HttpConfig.define(new ConfigDef(), 8080);
    return HttpConfig.from(Settings.load(definition, null, Map.of(), flags), 8080);
  }

  @BeforeEach
  void listens() {
    assertThat(server.port()).isPositive();
  }

  @AfterEach
  void stop() {
    server.close();
    metrics.close();
    client.close();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(server.url().resolve(path)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(
        request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode problem(HttpResponse<String> response, int status) throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).contains(Problem.MEDIA_TYPE);
    JsonNode problem = new JsonMapper().readTree(response.body());
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    assertThat(problem.get("title").asText()).isNotBlank();
    return problem;
  }

  @Test
  void livesAndIsReadyUnlessThereIsAReason() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/health/ready").body()).isEqualTo("{\"status\":\"up\"}");

    busy.set(Optional.of("still restoring"));
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    HttpResponse<String> notReady = get("/health/ready");
    assertThat(problem(notReady, 503).get("detail").asText()).isEqualTo("still restoring");
    assertThat(notReady.headers().firstValue("retry-after")).contains("2");

    dead.set(Optional.of("disk full"));
    problem(get("/health/live"), 503);
    assertThat(problem(get("/health/ready"), 503).get("detail").asText()).isEqualTo("disk full");
  }

  @ParameterizedTest
  @CsvSource({
    "a, a",
    "cats/tom.jpg, cats/tom.jpg",
    "cats%2Ftom.jpg, cats/tom.jpg",
    "%C3%A4%201.png, ä 1.png",
    "a//b, a//b",
    "a%2F..%2Fb, a/../b",
    "a;b=c, a;b=c",
    "a+b%25, a+b%",
    "x/name, x/name"
  })
  void takesAnIdWithWhateverIsInIt(String escaped, String id) throws Exception {
    assertThat(get("/things/" + escaped + "/name").body()).isEqualTo(id);
  }

  @Test
  void saysWhichPathsAndMethodsThereAre() throws Exception {
    assertThat(problem(get("/nowhere"), 404).get("detail").asText())
        .contains("/nowhere", "/broken");
    HttpResponse<String> wrongMethod = get("/things");
    problem(wrongMethod, 405);
    assertThat(wrongMethod.headers().firstValue("allow")).contains("POST");
  }

  @Test
  void takesJsonOnlyAndNotTooMuchOfIt() throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.url().resolve("/things"));
    var small = HttpRequest.BodyPublishers.ofString("{}");
    problem(send(request.copy().POST(small)), 415);
    HttpRequest.Builder json = request.header("Content-Type", "application/json");
    assertThat(send(json.copy().POST(small)).body()).isEqualTo("{}");
    // So much that it cannot all lie in the sockets' buffers when the answer comes.
    byte[] large = new byte[12 * HttpServer.MAX_BODY];
    assertThat(
            problem(send(json.copy().POST(HttpRequest.BodyPublishers.ofByteArray(large))), 413)
                .get("detail")
                .asText())
        .contains(Integer.toString(HttpServer.MAX_BODY));
    // Without a length announced, too.
    problem(
        send(
            json.copy()
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(large)))),
        413);
  }

  @Test
  void takesAsMuchAsARouteAllowsAndSaysHowMuchThatIs() throws Exception {
    int limit = 3 * HttpServer.MAX_BODY;
    Route upload =
        Route.post(
            "/upload",
            (request, response) ->
                Body.json(
                    response,
                    Long.toString(request.content().inputStream().readAllBytes().length)
                        .getBytes(StandardCharsets.UTF_8)),
            limit);
    try (HttpServer large = HttpServer.start(ANY_PORT, List.of(upload), metrics.registry())) {
      HttpRequest.Builder request = HttpRequest.newBuilder(large.url().resolve("/upload"));
      var fits = HttpRequest.BodyPublishers.ofByteArray(new byte[limit]);
      assertThat(send(request.copy().POST(fits)).body()).isEqualTo(Integer.toString(limit));
      var over = HttpRequest.BodyPublishers.ofByteArray(new byte[limit + 12 * (1 << 20)]);
      assertThat(problem(send(request.copy().POST(over)), 413).get("detail").asText())
          .contains(Integer.toString(limit));
    }
  }

  @Test
  void asksForItsTokenWhereThereIsOne() throws Exception {
    Route secret = Route.get("/v1/secret", (request, response) -> Body.json(response, new byte[0]));
    List<Route> routes = new ArrayList<>(new Health(dead::get, busy::get).routes());
    routes.add(secret);
    HttpConfig config = config(Map.of("http.port", "0", "http.token", "open-sesame"));
    assertThat(config.toString()).doesNotContain("sesame");
    try (HttpServer guarded = HttpServer.start(config, routes, metrics.registry())) {
      HttpRequest.Builder request = HttpRequest.newBuilder(guarded.url().resolve("/v1/secret"));
      HttpResponse<String> without = send(request.copy());
      problem(without, 401);
      assertThat(without.headers().firstValue("www-authenticate")).contains("Bearer");
      problem(send(request.copy().header("Authorization", "Basic open-sesame")), 401);
      problem(send(request.copy().header("Authorization", "Bearer open-sesam")), 403);
      assertThat(send(request.copy().header("Authorization", "Bearer open-sesame")).statusCode())
          .isEqualTo(200);
      assertThat(send(HttpRequest.newBuilder(guarded.url().resolve("/health/live"))).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void speaksOpenMetricsToWhoAsksForIt() throws Exception {
    HttpResponse<String> open =
        send(
            HttpRequest.newBuilder(server.url().resolve("/metrics"))
                .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
    assertThat(open.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
    assertThat(open.body()).endsWith("# EOF\n");
    assertThat(get("/metrics").body()).doesNotContain("# EOF");
  }

  @Test
  void leavesItsPortToOneOfSeveralServicesInAProcess() {
    assertThat(config(Map.of("http.port", "9000")).beside(8082))
        .isEqualTo(new HttpConfig(true, "127.0.0.1", 8082, false, "", NO_TOKEN));
    assertThat(config(Map.of("http.port", "0")).beside(8082))
        .isEqualTo(new HttpConfig(true, "127.0.0.1", 0, true, "", NO_TOKEN));
    assertThat(config(Map.of("http.port", "-1")).beside(8082).enabled()).isFalse();
  }

  @Test
  void hidesWhatBrokeFromTheCaller() throws Exception {
    assertThat(problem(get("/broken"), 500).get("detail").asText()).doesNotContain("on purpose");
  }

  @Test
  void answersEvenWhatIsNoRequest() throws Exception {
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port())) {
      socket.getOutputStream().write("hello\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400").contains(Problem.MEDIA_TYPE);
    }
  }

  @Test
  void countsItsRequestsByRouteAndStatus() throws Exception {
    var _ = get("/things/secret-id/name");
    var _ = get("/nowhere");
    String text = get("/metrics").body();
    assertThat(text)
        .contains(
            "adasim_http_requests_seconds_count{route=\"GET /things/{id}/name\",status=\"200\"} 1")
        .contains("adasim_http_requests_seconds_count{route=\"unknown\",status=\"404\"} 1")
        .contains("jvm_memory_used_bytes")
        .doesNotContain("secret-id");
  }

  @Test
  void takesAnotherPortWhereNobodyChoseTheOneThatIsTaken() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      int taken = other.getLocalPort();
      HttpConfig byDefault = new HttpConfig(true, "127.0.0.1", taken, false, "", NO_TOKEN);
      try (HttpServer moved = HttpServer.start(byDefault, List.of(), metrics.registry())) {
        assertThat(moved.port()).isNotEqualTo(taken).isPositive();
        assertThat(moved.advertised()).isEqualTo("127.0.0.1:" + moved.port());
      }
      HttpConfig chosen = config(Map.of("http.port", Integer.toString(taken)));
      assertThatThrownBy(() -> HttpServer.start(chosen, List.of(), metrics.registry()))
          .isInstanceOf(HttpStartException.class)
          .hasMessageContaining("http.port=" + taken);
    }
  }

  @Test
  void serversThatStartAtTheSameMomentAllFindAPort() throws Exception {
    int free;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      free = probe.getLocalPort();
    }
    HttpConfig byDefault = new HttpConfig(true, "127.0.0.1", free, false, "", NO_TOKEN);
    CyclicBarrier together = new CyclicBarrier(8);
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<HttpServer>> starts = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        starts.add(
            threads.submit(
                () -> {
                  together.await();
                  return HttpServer.start(byDefault, List.of(), metrics.registry());
                }));
      }
      // Closed only when all have started, or a late one could take the first one's port.
      List<HttpServer> servers = new ArrayList<>();
      try {
        for (Future<HttpServer> start : starts) {
          servers.add(start.get());
        }
        assertThat(servers).extracting(HttpServer::port).doesNotHaveDuplicates();
      } finally {
        servers.forEach(HttpServer::close);
      }
    }
  }

  @Test
  void readsWhereToListenFromTheSettings() {
    assertThat(config(Map.of()))
        .isEqualTo(new HttpConfig(true, "127.0.0.1", 8080, false, "", NO_TOKEN));
    assertThat(config(Map.of("http.port", "-1")).enabled()).isFalse();
    assertThat(config(Map.of("http.enabled", "false")).enabled()).isFalse();
    assertThat(config(Map.of("http.port", "8080")).portGiven()).isTrue();
    assertThat(URI.create("http://" + config(Map.of("http.advertised", "[::1]:80")).advertised()))
        .hasPort(80);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http.advertised=host", "http.advertised=http://a:1", "http.port=65536"})
  void refusesWhatIsNoAddress(String setting) {
    String[] pair = setting.split("=", 2);
    assertThatThrownBy(() -> config(Map.of(pair[0], pair[1])))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(pair[0]);
  }
}
