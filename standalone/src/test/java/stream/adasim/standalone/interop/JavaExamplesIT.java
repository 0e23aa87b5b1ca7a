package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Image;

/**
 * The single-file Java examples, run as their first lines say, with the class path of this test.
 */
@ExtendWith(Stack.Provider.class)
class JavaExamplesIT {
  private static final Path EXAMPLES = Path.of("..", "examples", "java").toAbsolutePath();

  @Test
  void printsEveryEmbedding(Stack stack, @TempDir Path folder) throws Exception {
    Command.Result result =
        run(stack, folder, "ReadEmbeddings.java", List.of("" + Stack.EMBEDDINGS));

    assertThat(result.exit()).as(result.errors()).isZero();
    assertThat(result.lines().stream().filter(line -> line.contains("  model ")))
        .hasSize(Stack.EMBEDDINGS)
        .allMatch(
            line -> line.matches("images/ä \\d+\\.png  model model v\\d+  \\[.+]\\.\\.\\. of 64"));
  }

  @Test
  void sendsFilesAsImages(Stack stack, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("java-dog").resolve("rex.png");
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[] {9, 8, 7});

    Command.Result result = run(stack, folder, "SendImages.java", List.of("java-dog/rex.png"));

    assertThat(result.exit()).as(result.errors()).isZero();
    assertThat(result.output()).contains("sent 1 images");
    List<ConsumerRecord<String, Image>> sent =
        stack.images().stream().filter(record -> record.key().equals("java-dog/rex.png")).toList();
    assertThat(sent).hasSize(1);
    assertThat(Stack.bytes(sent.getFirst().value())).containsExactly(9, 8, 7);
    assertThat(sent.getFirst().value().getLabel()).isEqualTo("java-dog");
  }

  private static Command.Result run(
      Stack stack, Path folder, String example, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(EXAMPLES.resolve(example).toString());
    command.addAll(arguments);
    Map<String, String> environment =
        Map.of("KAFKA", stack.bootstrapServers(), "REGISTRY", stack.registryUrl());
    return new Command(folder, Duration.ofSeconds(60), environment).run(command);
  }
}
