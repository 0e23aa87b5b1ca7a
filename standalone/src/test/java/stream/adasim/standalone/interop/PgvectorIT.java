package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Embedding;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.schemas.wire.Vectors;

/** The example for pgvector, with the packages of its lock file, against a PostgreSQL in Node. */
@ExtendWith(Stack.Provider.class)
class PgvectorIT {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Path HOME = Path.of("target", "interop", "pgvector").toAbsolutePath();
  private static final Command NODE = new Command(HOME, Duration.ofMinutes(2), Map.of());
  private static final String PREFIX = "pgvector.";

  @TempDir private Path folder;

  /** What the topic should hold, as records are sent; null where an image was deleted. */
  private final Map<String, @Nullable Embedding> current = new TreeMap<>();

  @BeforeAll
  static void installPackages() throws IOException, InterruptedException {
    Files.createDirectories(HOME);
    Path example = REPOSITORY.resolve("examples").resolve("pgvector");
    for (String file : List.of("package.json", "package-lock.json", "follow.mjs")) {
      Files.write(HOME.resolve(file), Files.readAllBytes(example.resolve(file)));
    }
    Path driver = Path.of("src", "test", "interop", "pgvector.mjs");
    Files.write(HOME.resolve("pgvector.mjs"), Files.readAllBytes(driver));
    try {
      List<String> install = List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
      if (!Files.isDirectory(HOME.resolve("node_modules"))) {
        Command.Result result = NODE.run(install);
        if (result.exit() != 0) {
          skip("npm cannot install the example's packages: " + result.errors());
        }
      }
    } catch (IOException e) {
      skip("node and npm are not both there: " + e.getMessage());
    }
  }

  private static void skip(String reason) {
    System.out.println("SKIPPED PgvectorIT: " + reason);
    abort(reason);
  }

  @Test
  void theTableHoldsWhatTheTopicHolds(Stack stack) throws Exception {
    Connection connection = stack.connection(PREFIX);
    try (Admin admin = Admin.create(connection.admin())) {
      new TopicCatalogue(connection).ensure(admin);
    }
    for (int i = 0; i < 12; i++) {
      current.put(id(i), embedding(1, 10 * i));
    }
    send(connection, current);
    // Once more, and gone again, both perhaps in the batch that has the first.
    change(connection, id(3), embedding(2, 100));
    change(connection, id(4), null);

    JsonNode first = follow(stack, "one").get(0);

    assertThat(first.get("said").asText()).matches("upserted \\d+, deleted \\d+");
    rowsAreThoseOfTheTopic(first);
    assertThat(nearest(first)).containsExactly(id(0), id(1), id(2), id(5), id(6));

    change(connection, id(0), embedding(2, 95));
    change(connection, id(1), null);
    change(connection, id(20), embedding(2, 11));

    JsonNode runs = follow(stack, "one,two");
    JsonNode second = runs.get(0);

    // Nothing but what is new: the offsets of the rest were committed.
    assertThat(second.get("said").asText()).isEqualTo("upserted 2, deleted 1");
    rowsAreThoseOfTheTopic(second);
    assertThat(nearest(second)).startsWith(id(20), id(2));

    // All of it once more changes nothing.
    assertThat(runs.get(1).get("rows")).isEqualTo(second.get("rows"));
  }

  private JsonNode follow(Stack stack, String groups) throws Exception {
    Command.Result result =
        NODE.run(
            List.of(
                "node",
                "pgvector.mjs",
                folder.resolve("database").toString(),
                groups,
                "[1,0,0]",
                "--broker",
                stack.bootstrapServers(),
                "--registry",
                stack.registryUrl(),
                "--prefix",
                PREFIX,
                "--idle",
                "2"));
    assertThat(result.exit()).as(result.errors()).isZero();
    JsonNode runs = new JsonMapper().readTree(result.output());
    runs.forEach(run -> assertThat(run.get("exit").asInt()).as(result.errors()).isZero());
    return runs;
  }

  private void rowsAreThoseOfTheTopic(JsonNode said) {
    Map<String, JsonNode> rows = new HashMap<>();
    said.get("rows").forEach(row -> rows.put(row.get("id").asText(), row));
    Map<String, Embedding> expected = new HashMap<>();
    current.forEach(
        (id, embedding) -> {
          if (embedding != null) {
            expected.put(id, embedding);
          }
        });
    assertThat(rows.keySet()).isEqualTo(expected.keySet());
    rows.forEach(
        (id, row) -> {
          Embedding embedding = Objects.requireNonNull(expected.get(id));
          String[] numbers = row.get("vector").asText().replaceAll("[\\[\\]]", "").split(",", -1);
          assertThat(Arrays.stream(numbers).map(Float::valueOf).toList())
              .isEqualTo(embedding.getVector());
          assertThat(row.get("model_id").asText()).isEqualTo(embedding.getModelId());
          assertThat(row.get("model_version").asLong()).isEqualTo(embedding.getModelVersion());
          assertThat(row.get("label").textValue()).isEqualTo(embedding.getLabel());
          assertThat(row.get("source").asText()).isEqualTo(embedding.getSource());
          assertThat(Instant.parse(row.get("captured_at").asText()))
              .isEqualTo(embedding.getCapturedAt());
        });
  }

  private static List<String> nearest(JsonNode said) {
    List<String> ids = new ArrayList<>();
    said.get("nearest").forEach(id -> ids.add(id.asText()));
    return ids;
  }

  private void change(Connection connection, String id, @Nullable Embedding embedding) {
    current.put(id, embedding);
    Map<String, @Nullable Embedding> one = new HashMap<>();
    one.put(id, embedding);
    send(connection, one);
  }

  private static void send(
      Connection connection, Map<String, ? extends @Nullable Embedding> embeddings) {
    String topic = new TopicCatalogue(connection).name(Topic.EMBEDDINGS);
    AvroSerializer<Embedding> values = new AvroSerializer<>();
    values.configure(connection.serde(), false);
    try (KafkaProducer<String, Embedding> producer =
        new KafkaProducer<>(connection.producer(), new StringSerializer(), values)) {
      embeddings.forEach(
          (id, embedding) -> {
            var _ = producer.send(new ProducerRecord<>(topic, id, embedding));
          });
    }
  }

  private static String id(int number) {
    return "images/ä %02d.png".formatted(number);
  }

  /** A direction, in degrees from the query's. */
  private static Embedding embedding(long version, double degrees) {
    double angle = Math.toRadians(degrees);
    return Embedding.newBuilder()
        .setVector(Vectors.of(new float[] {(float) Math.cos(angle), (float) Math.sin(angle), 0}))
        .setDimension(3)
        .setModelId("model")
        .setModelVersion(version)
        .setCapturedAt(Instant.ofEpochMilli(1_790_000_000_123L))
        .setEmbeddedAt(Instant.ofEpochMilli(1_790_000_001_456L))
        .setSource("folder")
        .setLabel(degrees < 50 ? "cat" : null)
        .setSourcePartition(0)
        .setSourceOffset(version)
        .build();
  }
}
