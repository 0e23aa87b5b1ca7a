package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.standalone.fixture.Pipeline;

/** A client that is not ours sends images to the running services and reads their embeddings. */
class NodePipelineIT {
  private static final int IMAGES = 12;

  @BeforeAll
  static void installPackages() throws IOException, InterruptedException {
    NodeInteropIT.installPackages();
  }

  @Test
  void imagesThatNodeSendsGetEmbeddingsThatNodeReads(@TempDir Path folder) throws Exception {
    List<String> files = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      String name = "pipeline/" + (i % 2 == 0 ? "warm" : "cold") + "/" + i + ".png";
      Path file = NodeInteropIT.EXAMPLE.resolve(name);
      Files.createDirectories(file.getParent());
      ImageIO.write(picture(i), "png", file.toFile());
      files.add(name);
    }
    try (Pipeline pipeline = Pipeline.start(folder, Map.of())) {
      Command.Result sent = node(pipeline, "produce.mjs", files);
      assertThat(sent.exit()).as(sent.errors()).isZero();

      Command.Result read =
          node(pipeline, "consume.mjs", List.of("--count", Integer.toString(IMAGES), "--json"));

      assertThat(read.exit()).as(read.errors()).isZero();
      Map<String, JsonNode> found = new HashMap<>();
      for (String line : read.lines()) {
        JsonNode record = new JsonMapper().readTree(line);
        found.put(record.get("id").asText(), record.get("embedding"));
      }
      assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(files);
      found.forEach(
          (id, embedding) -> {
            assertThat(embedding.get("vector")).hasSize(embedding.get("dimension").asInt());
            assertThat(embedding.get("label").asText()).isEqualTo(id.split("/", -1)[1]);
            assertThat(embedding.get("modelId").asText()).startsWith("adasim-");
          });
    }
  }

  private static Command.Result node(Pipeline pipeline, String script, List<String> arguments)
      throws Exception {
    return NodeInteropIT.NODE.run(
        NodeInteropIT.command(
            pipeline.bootstrapServers(), pipeline.registryUrl(), script, arguments));
  }

  private static BufferedImage picture(int i) {
    BufferedImage image = new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(i % 2 == 0 ? Color.ORANGE : Color.BLUE);
    graphics.fillRect(i, i, 12, 9);
    graphics.dispose();
    return image;
  }
}
