package stream.adasim.ingest.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.avro.Image;
import stream.adasim.http.HttpConfig;
import stream.adasim.http.Problem;
import stream.adasim.ingest.IngestConfig;
import stream.adasim.ingest.IngestReport;
import stream.adasim.ingest.source.ImageFormat;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.settings.SettingsException;

/** The service in front of Kafka's own mock of a producer: only that fails on command. */
class IngestServiceTest {
  private static final int MAX_BYTES = 300_000;
  private static final int MEMORY = 1_000_000;
  private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
  private static final byte[] PNG = png(100, 1);

  private final MockProducer<String, Image> kafka =
      new MockProducer<>(false, null, new StringSerializer(), (_, _) -> new byte[0]);
  private final HttpClient client = HttpClient.newHttpClient();
  private final IngestService service = service(3, Duration.ofSeconds(5));

  private IngestService service(int requests, Duration timeout) {
    HttpConfig http = new HttpConfig(true, "127.0.0.1", 0, true, "", new Password(""));
    return new IngestService(
        new ReceiverConfig(http, requests, MEMORY, 2 * MEMORY, timeout),
        MAX_BYTES,
        kafka,
        "images",
        () -> NOW);
  }

  @AfterEach
  void stop() {
    service.close();
    client.close();
  }

  /** So many bytes that begin as a PNG does. */
  private static byte[] png(int length, int fill) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) fill);
    byte[] magic = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    System.arraycopy(magic, 0, bytes, 0, magic.length);
    return bytes;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(service.url().resolve(path)).timeout(Duration.ofSeconds(20));
  }

  private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> post(String query, byte[] body) {
    return send(request("/v1/images" + query).POST(BodyPublishers.ofByteArray(body)));
  }

  /** Waits until Kafka was handed so many records, all in all. */
  private void untilSent(int records) {
    await().atMost(Duration.ofSeconds(10)).until(() -> kafka.history().size() == records);
  }

  private static JsonNode json(HttpResponse<String> response) throws Exception {
    return new JsonMapper().readTree(response.body());
  }

  private static String problem(HttpResponse<String> response, int status) throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).contains(Problem.MEDIA_TYPE);
    if (status == 429 || status == 503) {
      assertThat(response.headers().firstValueAsLong("retry-after").orElse(0)).isPositive();
    }
    return json(response).get("detail").asText();
  }

  @Test
  void answersOnlyWhenKafkaHasAcknowledged() throws Exception {
    CompletableFuture<HttpResponse<String>> answer =
        post(
            "?id=photos/cat%201.png&label=cat&source=camera-1&capturedAt=2026-11-27T01:02:03Z"
                + "&attribute.place=roof",
            PNG);
    untilSent(1);
    await().during(Duration.ofMillis(200)).until(() -> !answer.isDone());

    kafka.completeNext();

    assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(200);
    assertThat(json(answer.get()).get("id").asText()).isEqualTo("photos/cat 1.png");
    assertThat(json(answer.get()).get("mediaType").asText()).isEqualTo("image/png");
    assertThat(json(answer.get()).get("bytes").asInt()).isEqualTo(PNG.length);
    assertThat(json(answer.get()).get("offset").asLong()).isZero();
    ProducerRecord<String, Image> sent = kafka.history().getFirst();
    assertThat(sent.key()).isEqualTo("photos/cat 1.png");
    Image image = sent.value();
    assertThat(image.getBytes()).isEqualTo(ByteBuffer.wrap(PNG));
    assertThat(image.getLabel()).isEqualTo("cat");
    assertThat(image.getSource()).isEqualTo("camera-1");
    assertThat(image.getCapturedAt()).isEqualTo(Instant.parse("2026-11-27T01:02:03Z"));
    assertThat(image.getAttributes()).containsExactly(Map.entry("place", "roof"));
  }

  @Test
  void namesAnImageAfterItsContentWhereNobodyElseDoes() throws Exception {
    var first = post("", PNG);
    untilSent(1);
    var again = post("", PNG);
    untilSent(2);
    var other = post("", png(100, 2));
    untilSent(3);
    while (kafka.completeNext()) {}

    String id = json(first.get()).get("id").asText();
    assertThat(id).matches("sha256:[0-9a-f]{64}");
    assertThat(json(again.get()).get("id").asText()).isEqualTo(id);
    assertThat(json(other.get()).get("id").asText()).isNotEqualTo(id);
    assertThat(kafka.history().getFirst().value().getCapturedAt()).isEqualTo(NOW);
    assertThat(kafka.history().getFirst().value().getSource()).isEqualTo("http");
  }

  @Test
  void deletesWithATombstone() throws Exception {
    var answer = send(request("/v1/images/photos/cat%201.png").DELETE());
    untilSent(1);
    kafka.completeNext();

    assertThat(answer.get().statusCode()).isEqualTo(204);
    assertThat(kafka.history().getFirst().key()).isEqualTo("photos/cat 1.png");
    assertThat(kafka.history().getFirst().value()).isNull();
  }

  @Test
  void refusesWhatIsTooLargeWithOrWithoutAnAnnouncedLength() throws Exception {
    byte[] large = png(MAX_BYTES + 1, 1);
    assertThat(problem(post("", large).get(), 413)).contains(Integer.toString(MAX_BYTES));
    BodyPublisher chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large));
    assertThat(problem(send(request("/v1/images").POST(chunked)).get(), 413))
        .contains(Integer.toString(MAX_BYTES));
    // More than any request may have: the client still reads why.
    problem(post("", new byte[3 * MEMORY]).get(), 413);
    assertThat(kafka.history()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"hello, 68 65 6c 6c 6f", "<svg/>, 3c 73 76 67", "'', nothing"})
  void refusesWhatIsNoImageAndSaysWhatWasFound(String body, String found) throws Exception {
    assertThat(problem(post("", body.getBytes(UTF_8)).get(), 415)).contains(found, "JPEG");
    assertThat(kafka.history()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "?id=, empty id",
    "?lable=cat, lable",
    "?id=a&id=b, 2 times",
    "?capturedAt=yesterday, yesterday"
  })
  void refusesAQueryThatItDoesNotUnderstand(String query, String part) throws Exception {
    assertThat(problem(post(query, PNG).get(), 400)).contains(part);
    assertThat(kafka.history()).isEmpty();
  }

  @Test
  void asksToComeAgainWhereKafkaDoesNotAcknowledge() throws Exception {
    var answer = post("?id=a", PNG);
    untilSent(1);
    kafka.errorNext(new TimeoutException("Expiring 1 record(s)"));
    assertThat(problem(answer.get(), 429)).contains("Expiring", "send again");
    assertThat(send(request("/health/ready")).get().statusCode()).isEqualTo(503);
    assertThat(send(request("/health/live")).get().statusCode()).isEqualTo(200);

    var refused = post("?id=b", PNG);
    untilSent(2);
    kafka.errorNext(new AuthorizationException("not allowed"));
    assertThat(problem(refused.get(), 503)).contains("not allowed");
    assertThat(send(request("/metrics")).get().body())
        .contains("adasim_ingest_images_total{outcome=\"failed\",via=\"http\"} 2")
        .contains("adasim_ingest_memory_used_bytes 0");
  }

  @Test
  void countsWhatWasReadFromFilesAfterAGarbageCollection() throws Exception {
    service.readFromFiles(new IngestReport(3, 0, 300, 0, 2, 0));
    System.gc();
    assertThat(send(request("/metrics")).get().body())
        .contains("adasim_ingest_images_total{outcome=\"sent\",via=\"files\"} 3")
        .contains("adasim_ingest_images_total{outcome=\"refused\",via=\"files\"} 2");
  }

  @Test
  void asksToComeAgainWhereAnswersOfKafkaStayAway() throws Exception {
    try (IngestService impatient = service(3, Duration.ofMillis(100))) {
      var answer =
          send(
              HttpRequest.newBuilder(impatient.url().resolve("/v1/images"))
                  .POST(BodyPublishers.ofByteArray(PNG)));
      assertThat(problem(answer.get(), 429)).contains("within 100 ms");
    }
  }

  @Test
  void boundsRequestsAndTheirMemory() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      waiting.add(post("?id=" + i, png(MAX_BYTES, 1)));
      untilSent(i + 1);
    }
    assertThat(problem(post("", PNG).get(), 429)).contains("3 requests");
    assertThat(send(request("/metrics")).get().body())
        .contains("adasim_ingest_requests_active 3")
        .contains("adasim_ingest_memory_used_bytes 900000");
    while (kafka.completeNext()) {}
    for (var answer : waiting) {
      assertThat(answer.get().statusCode()).isEqualTo(200);
    }
    await()
        .until(
            () ->
                send(request("/metrics")).get().body().contains("adasim_ingest_requests_active 0"));

    var budget = new Budget(2, 100);
    try (Budget.Share one = budget.enter();
        Budget.Share two = budget.enter()) {
      one.take(60);
      assertThatThrownBy(() -> two.take(41)).hasMessageContaining("429");
      two.take(40);
      one.release();
      two.take(60);
    }
    assertThat(budget.bytesHeld()).isZero();
  }

  /** A part of a form. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Part(String header, byte[] content) {
    static Part image(String file, byte[] content) {
      return new Part("name=\"image\"; filename=\"" + file + "\"", content);
    }

    static Part metadata(String json) {
      return new Part("name=\"metadata\"", json.getBytes(UTF_8));
    }
  }

  private CompletableFuture<HttpResponse<String>> form(Part... parts) {
    var body = new ByteArrayOutputStream();
    for (Part part : parts) {
      body.writeBytes(
          ("--limit\r\nContent-Disposition: form-data; " + part.header + "\r\n\r\n")
              .getBytes(UTF_8));
      body.writeBytes(part.content);
      body.writeBytes("\r\n".getBytes(UTF_8));
    }
    body.writeBytes("--limit--\r\n".getBytes(UTF_8));
    return form(body.toByteArray());
  }

  private CompletableFuture<HttpResponse<String>> form(byte[] body) {
    return send(
        request("/v1/images")
            .header("Content-Type", "multipart/form-data; boundary=limit")
            .POST(BodyPublishers.ofByteArray(body)));
  }

  @Test
  void takesManyImagesAndTellsOfEachWhatBecameOfIt() throws Exception {
    var answer =
        form(
            Part.metadata("[{\"id\": \"a\", \"attributes\": {\"k\": \"v\"}}, {\"id\": \"b\"}]"),
            Part.image("1.png", PNG),
            Part.image("2.txt", "hello".getBytes(UTF_8)),
            Part.image("3.png", png(MAX_BYTES + 1, 3)),
            Part.image("4.png", png(MAX_BYTES, 4)),
            Part.image("5.png", png(200, 5)));
    untilSent(3);
    kafka.completeNext();
    kafka.completeNext();
    await().during(Duration.ofMillis(200)).until(() -> !answer.isDone());
    kafka.errorNext(new TimeoutException("no answer"));

    assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(207);
    assertThat(answer.get().headers().firstValue("retry-after")).contains("1");
    JsonNode images = json(answer.get()).get("images");
    assertThat(images.findValuesAsText("status"))
        .containsExactly("200", "415", "413", "200", "429");
    assertThat(images.get(0).get("id").asText()).isEqualTo("a");
    assertThat(images.get(1).get("id").asText()).isEqualTo("b");
    assertThat(images.get(3).get("bytes").asInt()).isEqualTo(MAX_BYTES);
    assertThat(kafka.history().getFirst().value().getAttributes()).containsEntry("k", "v");
    assertThat(send(request("/metrics")).get().body())
        .contains("adasim_ingest_images_total{outcome=\"sent\",via=\"http\"} 2")
        .contains("adasim_ingest_images_total{outcome=\"refused\",via=\"http\"} 2")
        .contains("adasim_ingest_images_total{outcome=\"failed\",via=\"http\"} 1");
  }

  @Test
  void refusesAFormThatIsNotAsItShouldBe() throws Exception {
    assertThat(problem(form(Part.metadata("[]")).get(), 400)).contains("no image");
    assertThat(problem(form(Part.metadata("{}"), Part.image("1", PNG)).get(), 400))
        .contains("array");
    assertThat(problem(form(new Part("name=\"label\"", PNG)).get(), 400)).contains("label");
    assertThat(problem(form("--limit\r\nno end".getBytes(UTF_8)).get(), 400))
        .contains("breaks off");
    assertThat(kafka.history()).isEmpty();
    assertThat(problem(form(Part.image("1", PNG), Part.metadata("[]")).get(), 400))
        .contains("metadata");
    byte[] endless = new byte[3 * MEMORY];
    BodyPublisher chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(endless));
    problem(
        send(request("/v1/images")
                .header("Content-Type", "multipart/form-data; boundary=limit")
                .POST(chunked))
            .get(),
        413);
  }

  @Test
  void refusesFormsThatPagesOfOtherSitesSend() throws Exception {
    var foreign =
        send(
            request("/v1/images")
                .header("Sec-Fetch-Site", "cross-site")
                .POST(BodyPublishers.ofByteArray(PNG)));
    problem(foreign.get(), 403);
  }

  @Test
  void describesExactlyThePathsThatItHas() throws Exception {
    ParseOptions options = new ParseOptions();
    options.setResolve(true);
    SwaggerParseResult parsed =
        new OpenAPIV3Parser()
            .readContents(send(request("/openapi.yaml")).get().body(), null, options);
    assertThat(parsed.getMessages()).isEmpty();
    OpenAPI document = parsed.getOpenAPI();
    Set<String> described = new TreeSet<>();
    document
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach((method, operation) -> described.add(method + " " + path)));
    assertThat(described).isEqualTo(service.routes());
    Set<String> statuses = new TreeSet<>();
    document
        .getPaths()
        .forEach(
            (path, item) -> {
              if (path.equals("/v1/images")) {
                statuses.addAll(item.getPost().getResponses().keySet());
              }
            });
    assertThat(statuses)
        .containsExactlyInAnyOrder("200", "207", "400", "401", "403", "413", "415", "429", "503");
  }

  @Test
  void hasADefaultForEverythingAndWantsRoomForOneImage() {
    ReceiverConfig config = load(Map.of());
    assertThat(config.http().port()).isEqualTo(ReceiverConfig.DEFAULT_PORT);
    assertThat(config.http().host()).isEqualTo("127.0.0.1");
    assertThat(config.memory()).isEqualTo(128L << 20);
    assertThat(config.beside().http().portGiven()).isFalse();
    assertThatThrownBy(() -> load(Map.of("ingest.http.memory", "2000")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("image.max-bytes");
    assertThat(ImageFormat.of(ByteBuffer.wrap(PNG))).contains(ImageFormat.PNG);
  }

  private static ReceiverConfig load(Map<String, String> flags) {
    return ReceiverConfig.from(Settings.load(IngestConfig.definition(), null, Map.of(), flags));
  }
}
