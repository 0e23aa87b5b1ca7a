package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.weights.InitialWeights;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.WeightsExport;
import stream.adasim.learner.weights.WeightsImport;

class ModelsCommandTest {
  @TempDir Path folder;

  private final Architecture architecture = Architecture.named("micro", 32, 8, 16);
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  private Path file(float[] weights, boolean head) throws IOException {
    Path file = folder.resolve("pretrained.safetensors");
    WeightsExport.write(file, new Model(architecture, "m", 3, 1234, weights, null), head, false);
    return file;
  }

  private String checkpoints() {
    return "checkpoint.folder=" + folder.resolve("checkpoints");
  }

  @Test
  void importedWeightsWaitWhereALearnerStarts() throws IOException {
    float[] weights = new ParameterLayout(architecture).initialWeights(99);
    Path file = file(weights, true);
    assertThat(
            run(
                "models",
                "import",
                file.toString(),
                "--set",
                "model.prototypes=16",
                "--set",
                checkpoints()))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("kind=vit", "The projection head is the file's.");
    Path waiting = InitialWeights.find(folder.resolve("checkpoints")).orElseThrow();
    assertThat(WeightsImport.read(waiting, architecture, true, 1).weights()).isEqualTo(weights);
  }

  @Test
  void importSaysWhatTheFileDidNotHold() throws IOException {
    Path file = file(new ParameterLayout(architecture).initialWeights(99), false);
    assertThat(
            run(
                "models",
                "import",
                file.toString(),
                "--set",
                "model.image-size=64",
                "--set",
                checkpoints()))
        .as(err.toString())
        .isZero();
    assertThat(out.toString())
        .contains("untrained, by seed 1", "Positions were interpolated to 64 px.");
  }

  @Test
  void importRefusesANetworkThatTheFileIsNotFor() throws IOException {
    Path file = file(new ParameterLayout(architecture).initialWeights(99), true);
    assertThat(
            run(
                "models",
                "import",
                file.toString(),
                "--set",
                "model.network=tiny",
                "--set",
                checkpoints()))
        .isNotZero();
    assertThat(err.toString())
        .startsWith("adasim: " + file + ": tensor patch_embed.proj.weight has shape [96, 3, 8, 8]")
        .contains("expected [192, 3, 8, 8]", "set model.*")
        .doesNotContain("\tat ");
    assertThat(InitialWeights.find(folder.resolve("checkpoints"))).isEmpty();
  }

  @Test
  void importRefusesAFolderInWhichTrainingHasBegun() throws IOException {
    Path file = file(new ParameterLayout(architecture).initialWeights(99), true);
    new CheckpointStore(folder.resolve("checkpoints"), 1).write(7, body -> body.writeInt(1));
    assertThat(run("models", "import", file.toString(), "--set", checkpoints()))
        .isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("holds a checkpoint of step 7");
  }

  @Test
  void showsWhatAFileHolds() throws IOException {
    Path file = file(new ParameterLayout(architecture).initialWeights(99), false);
    assertThat(run("models", "show", file.toString())).isZero();
    assertThat(out.toString())
        .containsPattern("adasim.step +1234")
        .containsPattern("blocks.3.mlp.fc2.weight +F32 +\\[96, 384]")
        .contains("54 tensors");
  }

  @Test
  void saysWhatIsWrongWithAFileThatIsNone() throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "not weights, but a text of some length");
    assertThat(run("models", "show", file.toString())).isNotZero();
    assertThat(err.toString())
        .startsWith("adasim: " + file + ": ")
        .contains("no safetensors file")
        .doesNotContain("\tat ");
  }

  @Test
  void exportSaysWhereItFoundNothing() {
    String file = folder.resolve("x").toString();
    assertThat(run("models", "export", file, "--set", checkpoints()))
        .isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains("is no folder", "--set checkpoint.folder=DIR");
    assertThat(run("models", "export", file, "--set", "checkpoint.folder=" + folder))
        .isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(err.toString()).contains(folder + " holds no good checkpoint");
  }

  @Test
  void everyCommandHasExamples() {
    for (String command : List.of("export", "import", "show")) {
      assertThat(run("models", command, "--help")).isZero();
      assertThat(out.toString()).contains("Examples:", "adasim models " + command);
    }
  }
}
