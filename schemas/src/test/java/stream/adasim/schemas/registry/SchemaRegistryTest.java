package stream.adasim.schemas.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.avro.Image;
import stream.adasim.schemas.registry.ProtocolServer.Reply;

@Timeout(20)
final class SchemaRegistryTest {
  private static final Schema SCHEMA =
      SchemaBuilder.record("Small").fields().requiredInt("a").endRecord();

  private static SchemaRegistry open(String urls) {
    return SchemaRegistry.open(Map.of("schema.registry.url", urls));
  }

  private static SchemaRegistry open(String urls, int connectMillis, int readMillis) {
    return SchemaRegistry.open(
        Map.of(
            "schema.registry.url", urls,
            "http.connect.timeout.ms", connectMillis,
            "http.read.timeout.ms", Integer.toString(readMillis)));
  }

  private static String closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }
  }

  private static String quoted(Schema schema) {
    return "\"" + schema.toString().replace("\"", "\\\"") + "\"";
  }

  @Test
  void namesEveryUrlAndItsCauseWhenNoneAnswers() throws IOException {
    String closed = closedPort();
    try (ProtocolServer broken = new ProtocolServer(request -> new Reply(503, "out of\norder"));
        SchemaRegistry registry = open(closed + "," + broken.url())) {
      assertThatThrownBy(() -> registry.byId(7))
          .isInstanceOf(RegistryUnavailableException.class)
          .isNotInstanceOf(SerializationException.class)
          .hasMessageContaining("schema.registry.url")
          .hasMessageContaining(closed + ": ConnectException")
          .hasMessageContaining(broken.url() + ": status 503 out of order");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"500", "garbage", "empty", "silent", "closed"})
  void goesOnToTheNextUrlAndStaysThere(String fault) throws IOException {
    Reply bad =
        switch (fault) {
          case "500" -> new Reply(500, "{}");
          case "garbage" -> new Reply(200, "<html>welcome</html>");
          case "empty" -> new Reply(200, "");
          default -> new Reply(200, null);
        };
    try (ProtocolServer first = new ProtocolServer(request -> bad);
        ProtocolServer second = new ProtocolServer(request -> Reply.json("{\"id\":5}"));
        SchemaRegistry registry =
            open(
                (fault.equals("closed") ? closedPort() : first.url()) + "," + second.url(),
                1000,
                2000)) {
      assertThat(registry.register("a-value", SCHEMA)).isEqualTo(5);
      assertThat(registry.register("b-value", SCHEMA)).isEqualTo(5);
      assertThat(first.requests()).hasSize(fault.equals("closed") ? 0 : 1);
      assertThat(second.requests()).hasSize(2);
    }
  }

  @Test
  void waitsNoLongerThanItsLimits() {
    try (ProtocolServer silent = new ProtocolServer(request -> new Reply(200, null));
        SchemaRegistry registry = open(silent.url(), 300, 300)) {
      long start = System.nanoTime();
      assertThatThrownBy(() -> registry.latest("a-value"))
          .isInstanceOf(RegistryUnavailableException.class)
          .hasMessageContaining("no answer within 600 ms");
      assertThat((System.nanoTime() - start) / 1_000_000).isBetween(500L, 5_000L);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void saysThatCredentialsAreMissingOrWrongWithoutShowingThem(int status) {
    try (ProtocolServer server = new ProtocolServer(request -> new Reply(status, "no, hush"))) {
      try (SchemaRegistry registry = open(server.url())) {
        assertThatThrownBy(() -> registry.byId(1))
            .isInstanceOf(RegistryAccessException.class)
            .hasMessageContaining("basic.auth.user.info")
            .hasMessageContaining("none are set");
      }
      try (SchemaRegistry registry =
          SchemaRegistry.open(
              Map.of(
                  "schema.registry.url",
                  List.of(server.url()),
                  "basic.auth.credentials.source",
                  "USER_INFO",
                  "basic.auth.user.info",
                  new Password("me:hush")))) {
        assertThatThrownBy(() -> registry.byId(1))
            .isInstanceOf(RegistryAccessException.class)
            .hasMessageContaining("refuses the credentials")
            .message()
            .doesNotContain("hush");
        assertThat(registry.toString()).contains(server.url()).doesNotContain("hush");
      }
      assertThat(server.requests().getFirst().authorization()).isNull();
      assertThat(server.requests().getLast().authorization()).isEqualTo(basic("me:hush"));
    }
  }

  @Test
  void takesUserAndPasswordFromTheUrlAndKeepsThemOutOfMessages() {
    try (ProtocolServer server = new ProtocolServer(request -> new Reply(500, "{}"));
        SchemaRegistry registry =
            SchemaRegistry.open(
                Map.of(
                    "schema.registry.url",
                    server.url().replace("://", "://me:hu%73h@"),
                    "basic.auth.credentials.source",
                    "URL"))) {
      assertThatThrownBy(() -> registry.byId(1))
          .isInstanceOf(RegistryUnavailableException.class)
          .message()
          .doesNotContain("hush", "hu%73h", "me:");
      assertThat(server.requests().getFirst().authorization()).isEqualTo(basic("me:hush"));
    }
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ftp://me:hush@host", "http://me:hush@ho st/", "me:hush", "http://me:hush@/x"})
  void refusesAUrlThatIsNoneWithoutShowingItsPassword(String url) {
    assertThatThrownBy(() -> open(url))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schema.registry.url");
    if (url.contains("//")) {
      assertThatThrownBy(() -> open(url)).message().doesNotContain("hush");
    }
  }

  @Test
  void refusesOtherSourcesOfCredentialsThanItKnows() {
    assertThatThrownBy(
            () ->
                SchemaRegistry.open(
                    Map.of(
                        "schema.registry.url", "http://host",
                        "basic.auth.credentials.source", "SASL_INHERIT")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("SASL_INHERIT");
  }

  @Test
  void tellsAnUnknownIdFromAUrlThatLeadsElsewhere() {
    try (ProtocolServer server = new ProtocolServer(request -> Reply.notFound(40403));
        SchemaRegistry registry = open(server.url())) {
      assertThatThrownBy(() -> registry.byId(7))
          .isInstanceOf(SchemaNotFoundException.class)
          .hasMessageContaining("id 7");
      assertThatThrownBy(() -> registry.idOf("a-value", SCHEMA))
          .isInstanceOf(SchemaNotFoundException.class)
          .hasMessageContaining("a-value")
          .hasMessageContaining("auto.register.schemas");
      assertThatThrownBy(() -> registry.latest("a-value"))
          .isInstanceOf(SchemaNotFoundException.class);
      assertThat(registry.knows("a-value")).isFalse();
      assertThat(registry.incompatibilities("a-value", SCHEMA)).isEmpty();
    }
    for (String page : new String[] {"<html>404</html>", "{\"status\":404}", ""}) {
      try (ProtocolServer server = new ProtocolServer(request -> new Reply(404, page));
          SchemaRegistry registry = open(server.url() + "/wrong/")) {
        assertThatThrownBy(() -> registry.byId(7))
            .isInstanceOf(RegistryRefusedException.class)
            .hasMessageContaining(server.url() + "/wrong/schemas/ids/7 -> 404")
            .hasMessageContaining("schema.registry.url");
      }
    }
  }

  @Test
  void refusesAnswersThatLackWhatTheyMustHold() {
    try (ProtocolServer server = new ProtocolServer(request -> Reply.json("{\"id\":\"x\"}"));
        SchemaRegistry registry = open(server.url())) {
      assertThatThrownBy(() -> registry.register("a-value", SCHEMA))
          .isInstanceOf(RegistryRefusedException.class)
          .hasMessageContaining("'id'");
      assertThatThrownBy(() -> registry.byId(1)).isInstanceOf(RegistryRefusedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"schemaType\":\"PROTOBUF\",\"schema\":\"message A {}\"}",
        "{\"schema\":\"{\\\"type\\\":\\\"nonsense\\\"}\"}",
        "{\"schema\":\"\\\"int\\\"\",\"references\":[{\"name\":\"a\"}]}"
      })
  void saysThatASchemaIsNotAvrosOrNotWhole(String answer) {
    try (ProtocolServer server = new ProtocolServer(request -> Reply.json(answer));
        SchemaRegistry registry = open(server.url())) {
      assertThatThrownBy(() -> registry.byId(3))
          .isInstanceOf(UnusableSchemaException.class)
          .hasMessageContaining("id 3");
    }
  }

  @Test
  void asksOnceForWhatNeverChanges() {
    try (ProtocolServer server =
            new ProtocolServer(
                request ->
                    Reply.json(
                        request.line().startsWith("GET")
                            ? "{\"schema\":" + quoted(SCHEMA) + "}"
                            : "{\"id\":5}"));
        SchemaRegistry registry = open(server.url())) {
      assertThat(registry.register("a/b c-value", SCHEMA)).isEqualTo(5);
      assertThat(registry.register("a/b c-value", SCHEMA)).isEqualTo(5);
      assertThat(registry.idOf("a/b c-value", SCHEMA)).isEqualTo(5);
      assertThat(registry.byId(5)).isEqualTo(SCHEMA).isSameAs(registry.byId(5));
      assertThat(server.requests())
          .extracting(ProtocolServer.Request::line)
          .containsExactly("POST /subjects/a%2Fb%20c-value/versions", "GET /schemas/ids/5");
    }
  }

  @Test
  void registersTheSchemaAsItsFileHasItWithoutJavasHints() {
    try (ProtocolServer server = new ProtocolServer(request -> Reply.json("{\"id\":5}"));
        SchemaRegistry registry = open(server.url())) {
      registry.register("images-value", Image.SCHEMA$);
      assertThat(Image.SCHEMA$.toString()).contains("avro.java.string");
      assertThat(server.requests().getFirst().body())
          .contains("mediaType", "The class, where somebody knows it", "timestamp-millis")
          .contains("\\\"values\\\":\\\"string\\\"")
          .doesNotContain("avro.java.string");
    }
  }

  @Test
  void namesTheFieldThatDoesNotFitWhetherOrNotTheRegistryDoes() {
    Schema older = SchemaBuilder.record("R").fields().requiredInt("a").endRecord();
    Schema newer =
        SchemaBuilder.record("R").fields().requiredInt("a").requiredInt("bee").endRecord();
    for (String messages : new String[] {"", ",\"messages\":[\"look at 'bee'\"]"}) {
      try (ProtocolServer server =
              new ProtocolServer(
                  request ->
                      request.line().startsWith("POST /compat")
                          ? Reply.json("{\"is_compatible\":false" + messages + "}")
                          : request.line().startsWith("GET")
                              ? Reply.json(
                                  "{\"id\":1,\"version\":1,\"schema\":" + quoted(older) + "}")
                              : new Reply(409, "{\"error_code\":409,\"message\":\"no\"}"));
          SchemaRegistry registry = open(server.url())) {
        IncompatibleSchemaException thrown =
            catchThrowableOfType(
                IncompatibleSchemaException.class, () -> registry.register("r-value", newer));
        assertThat(thrown.reasons()).hasSize(1);
        assertThat(thrown).hasMessageContaining("r-value").hasMessageContaining("'bee'");
        if (messages.isEmpty()) {
          assertThat(thrown)
              .hasMessageContaining("field 'bee' at /fields/1")
              .hasMessageContaining("READER_FIELD_MISSING_DEFAULT_VALUE");
        } else {
          assertThat(thrown.reasons()).containsExactly("look at 'bee'");
        }
      }
    }
  }

  @Test
  void namesAFieldDeepInsideARecord() {
    Schema older = nested("int");
    Schema newer = nested("string");
    assertThat(Differences.between(newer, older))
        .extracting(Differences.Difference::field)
        .containsOnly("deep");
  }

  private static Schema nested(String type) {
    return new Schema.Parser()
        .parse(
            """
            {"type":"record","name":"R","fields":[{"name":"list","type":{"type":"array",
            "items":{"type":"record","name":"I","fields":[{"name":"deep","type":"%s"}]}}}]}
            """
                .formatted(type));
  }

  @Test
  void setsTheRuleOfANewSubjectAloneAndToleratesARefusal() {
    for (int status : new int[] {200, 403, 422}) {
      try (ProtocolServer server =
              new ProtocolServer(
                  request ->
                      request.line().startsWith("PUT")
                          ? new Reply(status, "{\"message\":\"x\"}")
                          : request.line().equals("GET /subjects/old-value/versions")
                              ? Reply.json("[1]")
                              : request.line().startsWith("GET")
                                  ? Reply.notFound(40401)
                                  : Reply.json("{\"id\":5}"));
          SchemaRegistry registry = open(server.url())) {
        assertThat(registry.register("old-value", SCHEMA, Compatibility.FULL_TRANSITIVE))
            .isEqualTo(5);
        assertThat(server.requests()).noneMatch(request -> request.line().startsWith("PUT"));
        assertThat(registry.register("new-value", SCHEMA, Compatibility.FULL_TRANSITIVE))
            .isEqualTo(5);
        assertThat(server.requests())
            .anyMatch(
                request ->
                    request.line().equals("PUT /config/new-value")
                        && request.body().equals("{\"compatibility\":\"FULL_TRANSITIVE\"}"));
      }
    }
  }

  @Test
  void isContentWhereAnotherServiceSetTheSameRuleAtTheSameTime() {
    for (String level : new String[] {"FULL_TRANSITIVE", "NONE"}) {
      try (ProtocolServer server =
              new ProtocolServer(
                  request ->
                      request.line().startsWith("PUT")
                          ? new Reply(409, "{\"message\":\"exists\"}")
                          : Reply.json("{\"compatibilityLevel\":\"" + level + "\"}"));
          SchemaRegistry registry = open(server.url())) {
        assertThat(registry.setCompatibility("a-value", Compatibility.FULL_TRANSITIVE))
            .isEqualTo(level.equals("FULL_TRANSITIVE"));
      }
    }
  }
}
