package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Image;

/** The example for Node, with the packages of its lock file, against our records. */
@ExtendWith(Stack.Provider.class)
class NodeInteropIT {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Path HOME = Path.of("target", "interop").toAbsolutePath();
  static final Path EXAMPLE = HOME.resolve("examples").resolve("node");
  static final Command NODE = new Command(EXAMPLE, Duration.ofSeconds(60), Map.of());

  @BeforeAll
  static void installPackages() throws IOException, InterruptedException {
    // A copy, so that a test run leaves nothing in the sources.
    for (String file : List.of("package.json", "package-lock.json", "produce.mjs", "consume.mjs")) {
      copy(Path.of("examples", "node", file));
    }
    copy(Path.of("schemas", "src", "main", "avro", "Image.avsc"));
    requireNode();
    if (!Files.isDirectory(EXAMPLE.resolve("node_modules"))) {
      List<String> install = List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
      Command.Result result = NODE.run(install);
      if (result.exit() != 0) {
        skip("npm cannot install the example's packages: " + result.errors());
      }
    }
  }

  @Test
  void kafkajsReadsTheEmbeddingsThatWeWrite(Stack stack) throws Exception {
    Command.Result result =
        NODE.run(
            command(stack, "consume.mjs", List.of("--count", "" + Stack.EMBEDDINGS, "--json")));

    assertThat(result.exit()).as(result.errors()).isZero();
    Map<String, JsonNode> found = new HashMap<>();
    for (String line : result.lines()) {
      JsonNode record = new JsonMapper().readTree(line);
      found.put(record.get("id").asText(), record.get("embedding"));
    }
    assertThat(found).hasSize(Stack.EMBEDDINGS);
    for (int i = 0; i < Stack.EMBEDDINGS; i++) {
      Embedding expected = stack.embeddings().get(i);
      JsonNode embedding = Objects.requireNonNull(found.get(Stack.id(i)), Stack.id(i));
      assertThat(floats(embedding.get("vector"))).isEqualTo(expected.getVector());
      assertThat(embedding.get("dimension").asInt()).isEqualTo(expected.getDimension());
      assertThat(embedding.get("modelVersion").asLong()).isEqualTo(expected.getModelVersion());
      assertThat(embedding.get("capturedAt").asLong())
          .isEqualTo(expected.getCapturedAt().toEpochMilli());
      assertThat(embedding.get("label").textValue()).isEqualTo(expected.getLabel());
    }
  }

  @Test
  void printsIdModelAndFirstNumbersForPeople(Stack stack) throws Exception {
    Command.Result result =
        NODE.run(command(stack, "consume.mjs", List.of("--count", "" + Stack.EMBEDDINGS)));

    assertThat(result.exit()).as(result.errors()).isZero();
    assertThat(result.lines())
        .hasSize(Stack.EMBEDDINGS)
        .allMatch(line -> line.matches("images/ä \\d+\\.png  model model v\\d+  \\[.+\\] of 64"));
  }

  @Test
  void weReadTheImagesThatKafkajsWrites(Stack stack) throws Exception {
    Random random = new Random(12);
    Map<String, byte[]> files = new HashMap<>();
    for (String name : List.of("node/cat/tom.jpg", "node/cat/größe.png", "node/dog/rex.webp")) {
      byte[] bytes = new byte[50_000];
      random.nextBytes(bytes);
      Files.createDirectories(EXAMPLE.resolve(name).getParent());
      Files.write(EXAMPLE.resolve(name), bytes);
      files.put(name, bytes);
    }

    Command.Result result =
        NODE.run(command(stack, "produce.mjs", files.keySet().stream().sorted().toList()));

    assertThat(result.exit()).as(result.errors()).isZero();
    List<ConsumerRecord<String, Image>> sent =
        stack.images().stream().filter(record -> files.containsKey(record.key())).toList();
    assertThat(sent)
        .extracting(ConsumerRecord::key)
        .containsExactlyInAnyOrderElementsOf(files.keySet());
    for (ConsumerRecord<String, Image> record : sent) {
      Image image = record.value();
      assertThat(Stack.bytes(image)).isEqualTo(files.get(record.key()));
      assertThat(image.getLabel()).isEqualTo(record.key().contains("cat") ? "cat" : "dog");
      assertThat(image.getMediaType()).startsWith("image/");
      assertThat(image.getCapturedAt().toEpochMilli())
          .isEqualTo(Files.getLastModifiedTime(EXAMPLE.resolve(record.key())).toMillis());
      assertThat(record.partition())
          .as("the partition that our own producer chooses for %s", record.key())
          .isEqualTo(stack.partition(record.key()));
    }
  }

  private static List<String> command(Stack stack, String script, List<String> arguments) {
    return command(stack.bootstrapServers(), stack.registryUrl(), script, arguments);
  }

  static List<String> command(
      String bootstrapServers, String registryUrl, String script, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of("--broker", bootstrapServers));
    command.addAll(List.of("--registry", registryUrl));
    command.addAll(arguments);
    return command;
  }

  private static List<Float> floats(JsonNode array) {
    List<Float> floats = new ArrayList<>();
    array.forEach(number -> floats.add(number.floatValue()));
    return floats;
  }

  private static void requireNode() throws InterruptedException {
    try {
      String version = NODE.run(List.of("node", "--version")).output().strip();
      int major = Integer.parseInt(version.substring(1, version.indexOf('.')));
      if (major < 20) {
        skip("node is " + version + ", the example needs 20 or newer");
      }
      NODE.run(List.of("npm", "--version"));
    } catch (IOException e) {
      skip("node and npm are not both there: " + e.getMessage());
    }
  }

  private static void copy(Path file) throws IOException {
    Path target = HOME.resolve(file);
    Files.createDirectories(target.getParent());
    Files.write(target, Files.readAllBytes(REPOSITORY.resolve(file)));
  }

  private static void skip(String reason) {
    System.out.println("SKIPPED NodeInteropIT: " + reason);
    abort(reason);
  }
}
