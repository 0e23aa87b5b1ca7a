package stream.adasim.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SchemaFilesTest {
  static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/main/avro"))) {
      return files.sorted().toList().stream();
    }
  }

  private static Schema parse(Path file) {
    try {
      return new Schema.Parser().parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The schema and every named or nested one inside. */
  private static Set<Schema> all(Schema schema) {
    Set<Schema> found = new LinkedHashSet<>();
    collect(schema, found);
    return found;
  }

  private static void collect(Schema schema, Set<Schema> into) {
    into.add(schema);
    switch (schema.getType()) {
      case RECORD -> schema.getFields().forEach(field -> collect(field.schema(), into));
      case ARRAY -> collect(schema.getElementType(), into);
      case MAP -> collect(schema.getValueType(), into);
      case UNION -> schema.getTypes().forEach(type -> collect(type, into));
      default -> {
        // Nothing is inside.
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyRecordEnumAndFieldIsExplained(Path file) {
    for (Schema schema : all(parse(file))) {
      if (schema.getType() == Schema.Type.ENUM) {
        assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
      }
      if (schema.getType() == Schema.Type.RECORD) {
        assertThat(schema.getDoc()).as(schema.getFullName()).isNotBlank();
        for (Schema.Field field : schema.getFields()) {
          assertThat(field.doc()).as(schema.getFullName() + "." + field.name()).isNotBlank();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyOptionalFieldHasNullAsItsDefault(Path file) {
    for (Schema schema : all(parse(file))) {
      if (schema.getType() == Schema.Type.RECORD) {
        for (Schema.Field field : schema.getFields()) {
          if (field.schema().isNullable()) {
            assertThat(field.hasDefaultValue() && field.schema().getTypes().getFirst().isNullable())
                .as(schema.getFullName() + "." + field.name())
                .isTrue();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void fitsItselfAndAVersionWithoutItsDefaultedFieldsInBothDirections(Path file) {
    Schema schema = parse(file);
    List<Schema.Field> required = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      if (!field.hasDefaultValue()) {
        required.add(new Schema.Field(field, field.schema()));
      }
    }
    Schema reduced =
        Schema.createRecord(
            schema.getName(), schema.getDoc(), schema.getNamespace(), false, required);
    for (Schema other : List.of(schema, reduced)) {
      assertThat(SchemaCompatibility.checkReaderWriterCompatibility(schema, other).getType())
          .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
      assertThat(SchemaCompatibility.checkReaderWriterCompatibility(other, schema).getType())
          .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }
  }
}
