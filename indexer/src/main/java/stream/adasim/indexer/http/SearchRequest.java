package stream.adasim.indexer.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stream.adasim.http.Problem;
import stream.adasim.indexer.memory.Acceptance;

/**
 * The body of a search, checked as far as that goes without the memory.
 *
 * @param vector of unit length; null where the image with {@code id} is searched for
 * @param id the image whose embedding is searched for; null where a vector is
 * @param label that an image must have to be found, or null for any
 * @param source likewise
 * @param exclude ids that must not be found
 * @param modelId the model that made the vector, or null for whichever the memory has
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SearchRequest(
    float @Nullable [] vector,
    @Nullable String id,
    int k,
    @Nullable String label,
    @Nullable String source,
    Set<String> exclude,
    @Nullable String modelId) {

  static final int DEFAULT_K = 10;
  static final int MAX_K = 1000;
  static final int MAX_EXCLUDED = 1000;
  private static final int MAX_DIMENSION = 65_536;
  private static final Set<String> FIELDS =
      Set.of("vector", "id", "k", "filter", "exclude", "modelId");
  private static final Set<String> FILTERS = Set.of("label", "source");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /**
   * Reads a body.
   *
   * @param forwarded whether {@link #forwarded} made it, whose vector has unit length already
   * @throws stream.adasim.http.ProblemException 400, saying what was found and what was expected
   */
  static SearchRequest parse(byte[] body, boolean forwarded) {
    JsonNode root = object("the body", tree(body), FIELDS);
    boolean hasVector = root.has("vector");
    if (hasVector == root.has("id")) {
      throw Problem.badRequest(
          "found %s, expected either 'vector' or 'id'"
              .formatted(hasVector ? "both 'vector' and 'id'" : "neither 'vector' nor 'id'"));
    }
    JsonNode filter = root.get("filter");
    if (filter != null) {
      object("filter", filter, FILTERS);
    }
    return new SearchRequest(
        hasVector ? vector(root.get("vector"), forwarded) : null,
        text(root, "id"),
        k(root.get("k")),
        filter == null ? null : text(filter, "label"),
        filter == null ? null : text(filter, "source"),
        exclude(root.get("exclude"), forwarded ? 1 : 0),
        text(root, "modelId"));
  }

  private static JsonNode tree(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw Problem.badRequest(
          "the body is not JSON: %s at line %d, column %d"
              .formatted(
                  e.getOriginalMessage(),
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  e.getLocation() == null ? 1 : e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  private static JsonNode object(String what, JsonNode node, Set<String> known) {
    if (!node.isObject()) {
      throw wrong(what, node, "an object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw Problem.badRequest(
            "%s: found the field '%s', expected none but %s"
                .formatted(what, name, known.stream().sorted().toList()));
      }
    }
    return node;
  }

  private static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value != null && (!value.isTextual() || value.textValue().isEmpty())) {
      throw wrong(field, value, "a text that isn't empty");
    }
    return value == null ? null : value.textValue();
  }

  private static int k(@Nullable JsonNode node) {
    if (node == null) {
      return DEFAULT_K;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrong("k", node, "a whole number within 1..%d".formatted(MAX_K));
    }
    int k = node.intValue();
    if (k < 1 || k > MAX_K) {
      throw wrong("k", node, "a whole number within 1..%d".formatted(MAX_K));
    }
    return k;
  }

  private static Set<String> exclude(@Nullable JsonNode node, int more) {
    if (node == null) {
      return Set.of();
    }
    String expected = "a list of at most %d image ids".formatted(MAX_EXCLUDED);
    if (!node.isArray() || node.size() > MAX_EXCLUDED + more) {
      throw wrong("exclude", node, expected);
    }
    Set<String> ids = new LinkedHashSet<>();
    for (JsonNode id : node) {
      if (!id.isTextual()) {
        throw wrong("exclude", id, expected);
      }
      ids.add(id.textValue());
    }
    return Set.copyOf(ids);
  }

  /** Divided by its length, so that products with the memory's are cosines. */
  private static float[] vector(JsonNode node, boolean isUnit) {
    if (!node.isArray() || node.isEmpty() || node.size() > MAX_DIMENSION) {
      throw wrong("vector", node, "a list of 1 to %d numbers".formatted(MAX_DIMENSION));
    }
    double[] values = new double[node.size()];
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      JsonNode value = node.get(i);
      if (!value.isNumber() || !Float.isFinite(value.floatValue())) {
        throw wrong("vector[%d]".formatted(i), value, "a finite number in single precision");
      }
      values[i] = value.doubleValue();
      squares += values[i] * values[i];
    }
    double length = isUnit ? 1 : Math.sqrt(squares);
    if (length < Float.MIN_NORMAL) {
      throw Problem.badRequest(
          "vector: found length %s, expected one that has a direction".formatted(length));
    }
    float[] unit = new float[values.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (values[i] / length);
    }
    return unit;
  }

  private static RuntimeException wrong(String field, JsonNode found, String expected) {
    return Problem.badRequest("%s: found %s, expected %s".formatted(field, shown(found), expected));
  }

  private static String shown(JsonNode node) {
    if (node.isArray()) {
      return "a list of " + node.size();
    }
    if (node.isObject()) {
      return "an object";
    }
    if (node.isMissingNode()) {
      return "nothing";
    }
    String text = node.toString();
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  /** The same, but for one more image that must not be found. */
  SearchRequest without(String otherId) {
    Set<String> all = new LinkedHashSet<>(exclude);
    all.add(otherId);
    return new SearchRequest(vector, id, k, label, source, Set.copyOf(all), modelId);
  }

  /** Which of the memory's vectors may be found. */
  Acceptance acceptance() {
    return (slot, similarity) ->
        (label == null || label.equals(slot.label()))
            && (source == null || source.equals(slot.source()))
            && !exclude.contains(slot.id());
  }

  /** The same question for other instances: the vector is known by now, and the model may be. */
  byte[] forwarded(float[] itsVector, @Nullable String itsModel) {
    ObjectNode body = JSON.createObjectNode().put("k", k);
    ArrayNode array = body.putArray("vector");
    for (float x : itsVector) {
      array.add(x);
    }
    ArrayNode excluded = body.putArray("exclude");
    exclude.forEach(excluded::add);
    if (itsModel != null) {
      body.put("modelId", itsModel);
    }
    if (label != null || source != null) {
      ObjectNode filter = body.putObject("filter");
      if (label != null) {
        filter.put("label", label);
      }
      if (source != null) {
        filter.put("source", source);
      }
    }
    return body.toString().getBytes(UTF_8);
  }
}
