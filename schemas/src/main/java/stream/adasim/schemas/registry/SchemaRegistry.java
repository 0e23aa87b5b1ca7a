package stream.adasim.schemas.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.schemas.settings.Connection;

/**
 * Client of a schema registry that speaks Confluent's REST API.
 *
 * <p>Schemas go out without the hints that generated classes carry for Java alone.
 *
 * <p>Thread-safe. Ids and schemas are remembered for good, as a registry never changes them. Every
 * call ends within (connect limit + read limit) times the number of URLs. Apart from what a method
 * names, all of them throw {@link RegistryUnavailableException} if no URL answers properly, {@link
 * RegistryAccessException} on 401 and 403, and {@link RegistryRefusedException} on other refusals.
 */
public final class SchemaRegistry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SchemaRegistry.class);

  private static final int SUBJECT_NOT_FOUND = 40401;
  private static final int SCHEMA_NOT_FOUND = 40403;

  private record Key(String subject, Schema schema) {}

  private final RegistryHttp http;
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<Key, Integer> ids = new ConcurrentHashMap<>();

  private SchemaRegistry(RegistryHttp http) {
    this.http = http;
  }

  /**
   * Makes a client; connects only when asked something.
   *
   * @param config by Confluent's names: {@code schema.registry.url} (a list or text with commas),
   *     {@code basic.auth.credentials.source}, {@code basic.auth.user.info}, {@code
   *     http.connect.timeout.ms}, {@code http.read.timeout.ms}; others are ignored
   * @throws ConfigException if a value is bad
   */
  public static SchemaRegistry open(Map<String, ?> config) {
    return new SchemaRegistry(
        new RegistryHttp(
            RegistryAddress.of(config),
            millis(config, Connection.HTTP_CONNECT_TIMEOUT, 5_000),
            millis(config, Connection.HTTP_READ_TIMEOUT, 10_000)));
  }

  private static Duration millis(Map<String, ?> config, String key, int byDefault) {
    Object value = config.get(key);
    if (value == null) {
      return Duration.ofMillis(byDefault);
    }
    try {
      return Duration.ofMillis(Integer.parseInt(value.toString()));
    } catch (NumberFormatException e) {
      throw new ConfigException(key, value, "expected a whole number of milliseconds");
    }
  }

  /**
   * Registers a schema, or finds that it is registered.
   *
   * @return its id
   * @throws IncompatibleSchemaException if the subject's rule forbids it
   */
  public int register(String subject, Schema schema) {
    Key key = new Key(subject, schema);
    Integer known = ids.get(key);
    if (known != null) {
      return known;
    }
    RegistryHttp.Answer answer =
        http.send("POST", "/subjects/" + encoded(subject) + "/versions", body(schema));
    if (answer.status() == 409) {
      throw incompatible(subject, schema, answer);
    }
    return remember(key, number(accepted(answer), "id"));
  }

  /**
   * The id of a schema under a subject.
   *
   * @throws SchemaNotFoundException if it isn't registered there
   */
  public int idOf(String subject, Schema schema) {
    Key key = new Key(subject, schema);
    Integer known = ids.get(key);
    if (known != null) {
      return known;
    }
    RegistryHttp.Answer answer = http.send("POST", "/subjects/" + encoded(subject), body(schema));
    if (isNotFound(answer)) {
      throw new SchemaNotFoundException(
          "schema %s isn't registered under subject %s; register it, or set %s=true (%s)"
              .formatted(schema.getFullName(), subject, Connection.AUTO_REGISTER, answer));
    }
    return remember(key, number(accepted(answer), "id"));
  }

  /**
   * The schema of an id.
   *
   * @throws SchemaNotFoundException if there is none
   * @throws UnusableSchemaException if it isn't a self-contained Avro schema
   */
  public Schema byId(int id) {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    RegistryHttp.Answer answer = http.send("GET", "/schemas/ids/" + id, null);
    if (isNotFound(answer)) {
      throw new SchemaNotFoundException("no schema has the id %d (%s)".formatted(id, answer));
    }
    Schema schema = schema(accepted(answer), "id " + id);
    Schema raced = schemas.putIfAbsent(id, schema);
    return raced == null ? schema : raced;
  }

  /**
   * The newest version of a subject; always asked for.
   *
   * @throws SchemaNotFoundException if the subject has none
   * @throws UnusableSchemaException if it isn't a self-contained Avro schema
   */
  public RegisteredSchema latest(String subject) {
    RegistryHttp.Answer answer =
        http.send("GET", "/subjects/" + encoded(subject) + "/versions/latest", null);
    if (isNotFound(answer)) {
      throw new SchemaNotFoundException("subject %s has no schema (%s)".formatted(subject, answer));
    }
    JsonNode node = accepted(answer);
    return new RegisteredSchema(
        subject, number(node, "id"), number(node, "version"), schema(node, "subject " + subject));
  }

  /** Whether the subject has a version. */
  public boolean knows(String subject) {
    RegistryHttp.Answer answer =
        http.send("GET", "/subjects/" + encoded(subject) + "/versions", null);
    return !isNotFound(answer) && !accepted(answer).isEmpty();
  }

  /**
   * Asks the registry whether its rule allows a schema.
   *
   * @return what doesn't fit, a line each; empty if it is allowed or the subject is new
   */
  public List<String> incompatibilities(String subject, Schema schema) {
    RegistryHttp.Answer answer =
        http.send(
            "POST",
            "/compatibility/subjects/" + encoded(subject) + "/versions?verbose=true",
            body(schema));
    if (isNotFound(answer)) {
      return List.of();
    }
    JsonNode node = accepted(answer);
    if (node.path("is_compatible").asBoolean(false)) {
      return List.of();
    }
    return reasons(subject, schema, node.path("messages"));
  }

  /**
   * Sets the rule of a subject.
   *
   * @return false if the registry refuses to, which some do
   */
  public boolean setCompatibility(String subject, Compatibility compatibility) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("compatibility", compatibility.name());
    try {
      RegistryHttp.Answer answer = http.send("PUT", "/config/" + encoded(subject), body);
      // Of two services that set it at the same time, one is refused.
      if (answer.ok() || hasCompatibility(subject, compatibility)) {
        return true;
      }
      log.warn("registry keeps its own rule subject={} answer={}", subject, answer);
    } catch (RegistryAccessException e) {
      log.warn("registry keeps its own rule subject={} because={}", subject, e.getMessage());
    }
    return false;
  }

  private boolean hasCompatibility(String subject, Compatibility compatibility) {
    RegistryHttp.Answer answer = http.send("GET", "/config/" + encoded(subject), null);
    return answer.ok()
        && accepted(answer).path("compatibilityLevel").asText().equals(compatibility.name());
  }

  /**
   * Registers a schema and, if the subject is new, sets its rule first.
   *
   * @return the schema's id
   * @throws IncompatibleSchemaException if the subject's rule forbids it
   */
  public int register(String subject, Schema schema, Compatibility compatibility) {
    if (!knows(subject)) {
      setCompatibility(subject, compatibility);
    }
    return register(subject, schema);
  }

  private IncompatibleSchemaException incompatible(
      String subject, Schema schema, RegistryHttp.Answer answer) {
    List<String> reasons = incompatibilities(subject, schema);
    return new IncompatibleSchemaException(
        "schema %s doesn't fit what is registered under subject %s: %s (%s)"
            .formatted(schema.getFullName(), subject, String.join("; ", reasons), answer),
        reasons);
  }

  /** The registry's own words, and Avro's where those don't name the field. */
  private List<String> reasons(String subject, Schema schema, JsonNode messages) {
    List<String> reasons = new ArrayList<>();
    messages.forEach(
        message -> reasons.add(message.isTextual() ? message.asText() : message.toString()));
    for (Differences.Difference difference :
        Differences.between(schema, latest(subject).schema())) {
      if (reasons.stream().noneMatch(reason -> reason.contains("'" + difference.field() + "'"))) {
        reasons.add(difference.reason());
      }
    }
    return reasons.isEmpty() ? List.of("the registry gives no reason") : reasons;
  }

  private int remember(Key key, int id) {
    ids.put(key, id);
    return id;
  }

  /** A 404 of the protocol; one without its error code means that the URL leads elsewhere. */
  private static boolean isNotFound(RegistryHttp.Answer answer) {
    return answer.status() == 404
        && answer.errorCode() >= SUBJECT_NOT_FOUND
        && answer.errorCode() <= SCHEMA_NOT_FOUND;
  }

  private static JsonNode accepted(RegistryHttp.Answer answer) {
    if (!answer.ok()) {
      throw new RegistryRefusedException(
          answer
              + (answer.status() == 404
                  ? "; is %s the base of a Confluent-compatible API?"
                      .formatted(Connection.REGISTRY_URL)
                  : ""));
    }
    return answer.body();
  }

  private static int number(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (!value.isInt()) {
      throw new RegistryRefusedException(
          "the registry's answer has no number '%s': %s".formatted(name, node));
    }
    return value.asInt();
  }

  private static Schema schema(JsonNode node, String what) {
    String type = node.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO") || !node.path("references").isEmpty()) {
      throw new UnusableSchemaException(
          "%s: found a schema of type %s%s, expected a self-contained Avro schema"
              .formatted(what, type, node.path("references").isEmpty() ? "" : " with references"));
    }
    @Nullable String text = node.path("schema").textValue();
    if (text == null) {
      throw new RegistryRefusedException(
          "the registry's answer for %s has no schema: %s".formatted(what, node));
    }
    try {
      // A default that its type forbids does no harm to who only reads the data.
      return new Schema.Parser().setValidateDefaults(false).parse(text);
    } catch (AvroRuntimeException | NullPointerException e) {
      // The parser answers some nonsense with a NullPointerException.
      throw new UnusableSchemaException(
          "%s: Avro cannot parse the schema: %s".formatted(what, e.getMessage()));
    }
  }

  private static ObjectNode body(Schema schema) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("schema", PlainSchema.of(schema).toString());
    return body;
  }

  private static String encoded(String subject) {
    // A query's encoding differs from a path's in the space alone.
    return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Names the URLs, without credentials. */
  @Override
  public String toString() {
    return "SchemaRegistry" + http.addresses();
  }

  /** Ends requests under way. */
  @Override
  public void close() {
    http.close();
  }
}
