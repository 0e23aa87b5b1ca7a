package stream.adasim.schemas.registry;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/** What keeps two schemas apart, by Avro's own rules, with the names of fields. */
final class Differences {
  /**
   * One thing that doesn't fit.
   *
   * @param field name of the innermost field, or the record's name
   * @param reason a line that holds it
   */
  record Difference(String field, String reason) {}

  private Differences() {}

  /** Both directions: the new schema reads old data, the old schema reads new data. */
  static List<Difference> between(Schema newer, Schema older) {
    List<Difference> differences = new ArrayList<>();
    collect(differences, newer, older, "the new schema cannot read data of the registered one");
    collect(differences, older, newer, "the registered schema cannot read data of the new one");
    return differences;
  }

  private static void collect(
      List<Difference> into, Schema reader, Schema writer, String direction) {
    for (Incompatibility found :
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
            .getResult()
            .getIncompatibilities()) {
      String field = fieldAt(reader, found.getLocation());
      into.add(
          new Difference(
              field,
              "field '%s' at %s: %s (%s): %s"
                  .formatted(
                      field, found.getLocation(), found.getType(), found.getMessage(), direction)));
    }
  }

  /** Follows a pointer such as /fields/1/type/items/fields/0 down to the last field it names. */
  private static String fieldAt(Schema root, String pointer) {
    String name = root.getName();
    Schema at = root;
    String[] steps = pointer.split("/", -1);
    for (int i = 1; i < steps.length; i++) {
      switch (steps[i]) {
        case "fields" -> {
          if (i + 1 == steps.length || at.getType() != Schema.Type.RECORD) {
            return name;
          }
          Schema.Field field = at.getFields().get(Integer.parseInt(steps[++i]));
          name = field.name();
          at = field.schema();
        }
        case "items" -> at = at.getElementType();
        case "values" -> at = at.getValueType();
        case "type" -> {
          // Already there: a field's schema is its type.
        }
        default -> {
          if (at.getType() != Schema.Type.UNION || !steps[i].matches("\\d+")) {
            return name;
          }
          at = at.getTypes().get(Integer.parseInt(steps[i]));
        }
      }
    }
    return name;
  }
}
