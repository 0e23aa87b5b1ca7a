package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Image;

/**
 * Confluent's own serialisers 7.9.5 against our records, in a JVM of its own. They are not on Maven
 * Central, but unrelocated in another project's jar, which is fetched alone: its parent POM is not
 * there, so that it cannot be a dependency.
 */
@ExtendWith(Stack.Provider.class)
class ConfluentInteropIT {
  private static final String ARTIFACT = "org.apache.pinot:pinot-confluent-avro:1.5.0:jar:shaded";
  private static final String SHA_256 =
      "fcba31945ab17f393008f46975b37dd12516e59f536b0bec5a19ab9fd84464d1";
  private static final Path HOME = Path.of("target", "interop").toAbsolutePath();
  private static final Path JAR = HOME.resolve("pinot-confluent-avro-1.5.0-shaded.jar");
  private static final Path PROGRAM = Path.of("src", "test", "interop", "Confluent.java");
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Path IMAGE_SCHEMA =
      REPOSITORY.resolve(Path.of("schemas", "src", "main", "avro", "Image.avsc"));

  @BeforeAll
  static void fetchJar() throws IOException, InterruptedException, NoSuchAlgorithmException {
    Files.createDirectories(HOME);
    if (!Files.exists(JAR)) {
      // From a folder without a POM: Maven then takes the artefact as it is.
      Command.Result result =
          new Command(HOME, Duration.ofMinutes(3), Map.of())
              .run(
                  List.of(
                      REPOSITORY.resolve("mvnw").toString(),
                      "-B",
                      "-ntp",
                      "-q",
                      "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy",
                      "-Dartifact=" + ARTIFACT,
                      "-DoutputDirectory=" + HOME));
      if (result.exit() != 0) {
        skip("Maven cannot fetch " + ARTIFACT + ": " + result.output() + result.errors());
      }
    }
    assertThat(sha256(JAR)).as(JAR + ": delete it if it is damaged").isEqualTo(SHA_256);
  }

  @Test
  void confluentsDeserialiserReadsTheEmbeddingsThatWeWrite(Stack stack) throws Exception {
    Command.Result result =
        run(stack, "read", List.of("embeddings", Integer.toString(Stack.EMBEDDINGS)));

    assertThat(result.exit()).as(result.errors()).isZero();
    Map<String, JsonNode> found = new HashMap<>();
    for (String line : result.lines()) {
      int tab = line.indexOf('\t');
      found.put(line.substring(0, tab), new JsonMapper().readTree(line.substring(tab + 1)));
    }
    assertThat(found).hasSize(Stack.EMBEDDINGS);
    for (int i = 0; i < Stack.EMBEDDINGS; i++) {
      Embedding expected = stack.embeddings().get(i);
      JsonNode embedding = Objects.requireNonNull(found.get(Stack.id(i)), Stack.id(i));
      List<Float> vector = new ArrayList<>();
      embedding.get("vector").forEach(number -> vector.add(number.floatValue()));
      assertThat(vector).isEqualTo(expected.getVector());
      assertThat(embedding.get("modelId").asText()).isEqualTo(expected.getModelId());
      assertThat(embedding.get("modelVersion").asLong()).isEqualTo(expected.getModelVersion());
      assertThat(embedding.get("capturedAt").asLong())
          .isEqualTo(expected.getCapturedAt().toEpochMilli());
      assertThat(embedding.get("label").textValue()).isEqualTo(expected.getLabel());
    }
  }

  @Test
  void weReadTheImagesThatConfluentsSerialiserWrites(Stack stack) throws Exception {
    Path file = HOME.resolve(Path.of("confluent", "cat", "tom.jpg"));
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[] {1, 2, 3, -1});

    Command.Result result =
        run(stack, "write", List.of("images", IMAGE_SCHEMA.toString(), file.toString()));

    assertThat(result.exit()).as(result.errors()).isZero();
    List<ConsumerRecord<String, Image>> sent =
        stack.images().stream().filter(record -> record.key().equals(file.toString())).toList();
    assertThat(sent).hasSize(1);
    Image image = sent.getFirst().value();
    assertThat(Stack.bytes(image)).containsExactly(1, 2, 3, -1);
    assertThat(image.getLabel()).isEqualTo("cat");
    assertThat(image.getSource()).as("the default of a field left out").isEmpty();
    assertThat(image.getCapturedAt().toEpochMilli())
        .isEqualTo(Files.getLastModifiedTime(file).toMillis());
    assertThat(sent.getFirst().partition()).isEqualTo(stack.partition(file.toString()));
  }

  private static Command.Result run(Stack stack, String what, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", JAR.toString(), PROGRAM.toString(), what));
    command.addAll(List.of(stack.bootstrapServers(), stack.registryUrl()));
    command.addAll(arguments);
    return new Command(Path.of("").toAbsolutePath(), Duration.ofSeconds(60), Map.of()).run(command);
  }

  private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }

  private static void skip(String reason) {
    System.out.println("SKIPPED ConfluentInteropIT: " + reason);
    abort(reason);
  }
}
