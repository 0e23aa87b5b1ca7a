package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.WeightsExport;

class EvaluateCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private Path untrained() throws IOException {
    Architecture architecture = Architecture.named("micro", 16, 4, 16);
    float[] weights = new ParameterLayout(architecture).initialWeights(1);
    Path file = folder.resolve("model.safetensors");
    WeightsExport.write(file, new Model(architecture, "m", 3, 1234, weights, null), true, false);
    return file;
  }

  @Test
  void measuresAnExportBesideItsBaselinesAndWritesAllThreeKinds() throws IOException {
    Path json = folder.resolve("report.json");
    Path html = folder.resolve("report.html");
    Path svg = folder.resolve("report.svg");

    int code =
        run(
            "evaluate",
            "synthetic:120",
            "--model",
            untrained().toString(),
            "--seeds",
            "2",
            "--json",
            json.toString(),
            "--html",
            html.toString(),
            "--svg",
            svg.toString());

    assertThat(code).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("m version 3, step 1234", "kNN, k = 20", "Linear probe, 1 %", "raw pixels");
    JsonNode report = new ObjectMapper().readTree(json.toFile());
    assertThat(report.get("bank").asInt())
        .isEqualTo(100); // two of the twelve of each class are held out
    JsonNode trained = report.get("subjects").get(0);
    JsonNode untrained = report.get("subjects").get(1);
    // The same weights: the baseline is the untrained network of the same seed.
    assertThat(trained.get("scores")).isEqualTo(untrained.get("scores"));
    assertThat(trained.get("rankMe").asDouble()).isBetween(1.0, 96.0);
    assertThat(trained.get("alignment").asDouble()).isPositive();
    assertThat(report.get("subjects").get(2).get("rankMe").isNull()).isTrue();
    for (JsonNode score : trained.get("scores")) {
      assertThat(score.get("value").asDouble())
          .isBetween(score.get("low").asDouble(), score.get("high").asDouble());
    }
    assertThat(Files.readString(html)).contains("<svg").doesNotContain("src=", "href=");
    assertThat(Files.readString(svg)).startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" ");
  }

  @Test
  void saysWhatToDoWithoutData() {
    assertThat(run("evaluate")).isEqualTo(2);
    assertThat(err.toString()).contains("say either DATA or --embeddings");
  }

  @Test
  void namesAFileThatIsNotThere() {
    assertThat(run("evaluate", "synthetic:40", "--model", "nowhere.safetensors")).isEqualTo(2);
    assertThat(err.toString()).contains("nowhere.safetensors is not there");
  }
}
