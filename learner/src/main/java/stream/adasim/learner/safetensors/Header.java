package stream.adasim.learner.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What stands before the data: the tensors, in the order of their bytes, which they cover without a
 * gap, and free text by name.
 */
record Header(Map<String, TensorEntry> tensors, Map<String, String> metadata) {
  private static final String METADATA = "__metadata__";
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * @param dataBytes bytes that follow the header
   */
  static Header parse(Path file, byte[] json, long dataBytes) throws SafetensorsException {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new SafetensorsException(
          file,
          "its header is not JSON: " + e.getOriginalMessage() + "; is it a safetensors file?");
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory", e);
    }
    if (root == null || !root.isObject()) {
      throw new SafetensorsException(file, "its header must be a JSON object");
    }
    var metadata = new TreeMap<String, String>();
    var entries = new ArrayList<TensorEntry>();
    for (Map.Entry<String, JsonNode> property : root.properties()) {
      if (property.getKey().equals(METADATA)) {
        property
            .getValue()
            .properties()
            .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
      } else {
        entries.add(entry(file, property.getKey(), property.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
    var tensors = new LinkedHashMap<String, TensorEntry>();
    long next = 0;
    for (TensorEntry entry : entries) {
      if (entry.begin() != next) {
        throw new SafetensorsException(
            file,
            "tensor "
                + entry.name()
                + " begins at byte "
                + entry.begin()
                + " of the data, expected "
                + next);
      }
      next = entry.end();
      tensors.put(entry.name(), entry);
    }
    if (next != dataBytes) {
      throw new SafetensorsException(
          file,
          "holds %,d bytes of data, its header tells of %,d: it is %s"
              .formatted(
                  dataBytes, next, dataBytes < next ? "truncated" : "longer than it should"));
    }
    return new Header(tensors, metadata);
  }

  private static TensorEntry entry(Path file, String name, JsonNode node)
      throws SafetensorsException {
    ElementKind kind = kind(file, name, node.path("dtype").asText("nothing"));
    JsonNode shape = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!wholeNumbers(shape) || !wholeNumbers(offsets) || offsets.size() != 2) {
      throw new SafetensorsException(
          file,
          "tensor "
              + name
              + " has shape="
              + shape
              + " and data_offsets="
              + offsets
              + ", expected lists of whole numbers, two of them offsets");
    }
    var extents = new ArrayList<Long>();
    long size = kind.bytes();
    for (JsonNode extent : shape) {
      extents.add(extent.longValue());
      try {
        size = Math.multiplyExact(size, extent.longValue());
      } catch (ArithmeticException e) {
        throw new SafetensorsException(file, "tensor " + name + " is too large: shape=" + shape);
      }
    }
    long begin = offsets.get(0).longValue();
    long end = offsets.get(1).longValue();
    if (end - begin != size) {
      throw new SafetensorsException(
          file,
          "tensor %s, %s of shape %s, has %,d bytes, expected %,d"
              .formatted(name, kind, extents, end - begin, size));
    }
    return new TensorEntry(name, kind, List.copyOf(extents), begin, end);
  }

  private static boolean wholeNumbers(JsonNode node) {
    if (!node.isArray()) {
      return false;
    }
    for (JsonNode number : node) {
      if (!number.canConvertToLong() || !number.isIntegralNumber() || number.longValue() < 0) {
        return false;
      }
    }
    return true;
  }

  private static ElementKind kind(Path file, String name, String dtype)
      throws SafetensorsException {
    for (ElementKind kind : ElementKind.values()) {
      if (kind.name().equals(dtype)) {
        return kind;
      }
    }
    throw new SafetensorsException(
        file,
        "tensor "
            + name
            + " has dtype="
            + dtype
            + ", expected one of "
            + List.of(ElementKind.values()));
  }

  /** Padded with spaces, so that the data is aligned. */
  byte[] toJson() {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject(METADATA);
      metadata.forEach(texts::put);
    }
    for (TensorEntry entry : tensors.values()) {
      ObjectNode node = root.putObject(entry.name());
      node.put("dtype", entry.kind().name());
      ArrayNode shape = node.putArray("shape");
      entry.shape().forEach(shape::add);
      node.putArray("data_offsets").add(entry.begin()).add(entry.end());
    }
    String json = root.toString();
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    return (json + " ".repeat(Math.floorMod(-length, Long.BYTES))).getBytes(StandardCharsets.UTF_8);
  }
}
