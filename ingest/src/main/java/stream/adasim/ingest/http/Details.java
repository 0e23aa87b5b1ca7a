package stream.adasim.ingest.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.helidon.common.uri.UriQuery;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stream.adasim.http.Problem;

/**
 * What a client says of an image beside its bytes.
 *
 * @param id null: the hash of the content
 * @param capturedAt null: when it came in
 */
record Details(
    @Nullable String id,
    String source,
    @Nullable String label,
    @Nullable Instant capturedAt,
    Map<String, String> attributes) {
  static final String DEFAULT_SOURCE = "http";
  static final Details NONE = new Details(null, DEFAULT_SOURCE, null, null, Map.of());

  private static final int MAX_TEXT = 1024;
  private static final int MAX_ATTRIBUTES = 64;
  private static final String ATTRIBUTE = "attribute.";
  private static final String EXPECTED =
      "expected id, label, source, capturedAt and " + ATTRIBUTE + "NAME, each once at most";
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * Reads the query of a request.
   *
   * @throws stream.adasim.http.ProblemException 400 where it holds anything else
   */
  static Details of(UriQuery query) {
    Map<String, String> fields = new HashMap<>();
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String name : query.names()) {
      List<String> values = query.all(name);
      if (values.size() != 1) {
        throw Problem.badRequest(
            "query: found %s %d times, %s".formatted(name, values.size(), EXPECTED));
      }
      if (name.startsWith(ATTRIBUTE)) {
        attributes.put(name.substring(ATTRIBUTE.length()), values.getFirst());
      } else {
        fields.put(name, values.getFirst());
      }
    }
    return of("query", fields, attributes);
  }

  /**
   * Reads the part {@code metadata} of a multipart request: an array with an object for each image,
   * in their order.
   *
   * @throws stream.adasim.http.ProblemException 400 where it is something else
   */
  static List<Details> list(byte[] document) {
    JsonNode root;
    try {
      root = JSON.readTree(document);
    } catch (IOException e) {
      throw Problem.badRequest("metadata: found no JSON (%s)".formatted(e.getMessage()));
    }
    if (!root.isArray()) {
      throw Problem.badRequest(
          "metadata: found %s, expected an array with an object for each image"
              .formatted(root.getNodeType()));
    }
    List<Details> all = new ArrayList<>();
    for (JsonNode entry : root) {
      all.add(of("metadata[" + all.size() + "]", entry));
    }
    return all;
  }

  private static Details of(String where, JsonNode entry) {
    Map<String, String> fields = new HashMap<>();
    Map<String, String> attributes = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : entry.properties()) {
      if (field.getKey().equals("attributes") && field.getValue().isObject()) {
        for (Map.Entry<String, JsonNode> one : field.getValue().properties()) {
          attributes.put(one.getKey(), text(where + ".attributes", one));
        }
      } else if (!field.getValue().isNull()) {
        fields.put(field.getKey(), text(where, field));
      }
    }
    return of(where, fields, attributes);
  }

  private static String text(String where, Map.Entry<String, JsonNode> field) {
    if (!field.getValue().isTextual()) {
      throw Problem.badRequest(
          "%s.%s: found %s, expected a text".formatted(where, field.getKey(), field.getValue()));
    }
    return field.getValue().textValue();
  }

  private static Details of(
      String where, Map<String, String> fields, Map<String, String> attributes) {
    Map<String, String> left = new HashMap<>(fields);
    String id = left.remove("id");
    String source = left.remove("source");
    String label = left.remove("label");
    String capturedAt = left.remove("capturedAt");
    if (!left.isEmpty()) {
      throw Problem.badRequest(
          "%s: found '%s', %s".formatted(where, left.keySet().iterator().next(), EXPECTED));
    }
    if (id != null) {
      checkId(where, id);
    }
    fields.forEach((name, value) -> checkLength(where + ": " + name, value));
    attributes.forEach((name, value) -> checkLength(where + ": an attribute", name + value));
    if (attributes.size() > MAX_ATTRIBUTES) {
      throw Problem.badRequest(
          "%s: found %d attributes, expected %d at most"
              .formatted(where, attributes.size(), MAX_ATTRIBUTES));
    }
    return new Details(
        id,
        source == null ? DEFAULT_SOURCE : source,
        label,
        capturedAt == null ? null : instant(where, capturedAt),
        Map.copyOf(attributes));
  }

  /**
   * Refuses what can be no id.
   *
   * @throws stream.adasim.http.ProblemException 400
   */
  static void checkId(String where, String id) {
    if (id.isBlank()) {
      throw Problem.badRequest(where + ": found an empty id; leave it out for the content's hash");
    }
    checkLength(where + ": id", id);
  }

  private static void checkLength(String what, String value) {
    int bytes = value.getBytes(UTF_8).length;
    if (bytes > MAX_TEXT) {
      throw Problem.badRequest(
          "%s: found %d bytes, expected %d at most".formatted(what, bytes, MAX_TEXT));
    }
  }

  private static Instant instant(String where, String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw Problem.badRequest(
          "%s: capturedAt: found '%s', expected a time such as 2026-11-28T06:30:00Z"
              .formatted(where, text));
    }
  }
}
