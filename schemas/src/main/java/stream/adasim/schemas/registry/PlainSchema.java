package stream.adasim.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The schema as its file has it. Generated classes carry hints for Java's string class, which have
 * no place in a registry that other languages share.
 */
final class PlainSchema {
  private static final String HINT = "avro.java.string";

  private PlainSchema() {}

  static Schema of(Schema generated) {
    try {
      JsonNode json = new ObjectMapper().readTree(generated.toString());
      return new Schema.Parser().parse(plain(json).toString());
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode plain(JsonNode node) {
    if (node instanceof ObjectNode object) {
      if (object.remove(HINT) != null && object.size() == 1) {
        return TextNode.valueOf(object.path("type").asText());
      }
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      names.forEach(name -> object.set(name, plain(object.path(name))));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, plain(array.path(i)));
      }
    }
    return node;
  }
}
