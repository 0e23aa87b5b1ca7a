package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.ingest.Drawings;
import stream.adasim.ingest.Ingest;
import stream.adasim.ingest.IngestOptions;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.checkpoint.Loaded;
import stream.adasim.learner.models.ModelReader;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ResNetShape.Stem;
import stream.adasim.learner.safetensors.SafetensorsFile;
import stream.adasim.learner.trainer.SavedTraining;
import stream.adasim.learner.weights.InitialWeights;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.WeightsExport;
import stream.adasim.standalone.fixture.Pipeline;

/** A residual network from a file to a running learner, and out of it again. */
class ModelsIT {
  private static final int IMAGES = 60;

  @TempDir Path folder;

  @Test
  void aTrainingStartsFromImportedWeightsAndIsExportedAndEvaluatedWhileItRuns() throws IOException {
    Architecture architecture = Architecture.named("resnet18", 16, 4, 0, Stem.IMAGENET, 64);
    float[] weights = new ParameterLayout(architecture).initialWeights(4711);
    Path checkpoints = Files.createDirectories(folder.resolve("checkpoints"));
    WeightsExport.write(
        InitialWeights.place(checkpoints),
        new Model(architecture, "imported", 0, 0, weights, null),
        true,
        false);
    Map<String, String> settings =
        Map.of(
            "model.network", "resnet18",
            "model.stem", "imagenet",
            "models.publish-every", "5s",
            "sweep.drift", "2");
    try (Pipeline pipeline = Pipeline.start(folder, settings);
        ModelReader models = new ModelReader(pipeline.connection())) {
      ModelSnapshot first =
          await()
              .failFast("a service stopped by itself", pipeline::failed)
              .atMost(Duration.ofSeconds(60))
              .until(() -> models.poll(Duration.ofMillis(200)), Optional::isPresent)
              .orElseThrow();
      assertThat(first.version()).isZero();
      assertThat(first.weights()).isEqualTo(weights);

      Ingest.send(
          pipeline.ingestConfig(),
          IngestOptions.of(new Drawings(IMAGES, 32, 5)),
          line -> {},
          () -> false);
      await()
          .failFast("a service stopped by itself", pipeline::failed)
          .atMost(Duration.ofSeconds(90))
          .ignoreExceptions() // a checkpoint may be deleted while it is read
          .untilAsserted(
              () -> {
                try (Loaded loaded = CheckpointStore.read(checkpoints, why -> {}).orElseThrow()) {
                  Model model = SavedTraining.read(loaded.body());
                  assertThat(model.modelId()).isEqualTo(first.modelId());
                  assertThat(model.step()).isPositive();
                  assertThat(model.teacher()).isNotEqualTo(weights);
                }
              });

      Path all = folder.resolve("all.safetensors");
      run(
          "models",
          "export",
          all.toString(),
          "--optimiser",
          "--set",
          "checkpoint.folder=" + checkpoints);
      Path teacher = folder.resolve("teacher.safetensors");
      String broker = "bootstrap.servers=" + pipeline.bootstrapServers();
      String registry = "schema.registry.url=" + pipeline.registryUrl();
      run(
          "models",
          "export",
          teacher.toString(),
          "--from",
          "models",
          "--set",
          broker,
          "--set",
          registry);
      for (Path file : List.of(all, teacher)) {
        try (SafetensorsFile exported = SafetensorsFile.open(file)) {
          assertThat(exported.metadata()).containsEntry("adasim.modelId", first.modelId());
          assertThat(exported.find("layer4.1.bn2.running_var")).isPresent();
          assertThat(exported.find("optimizer.exp_avg.conv1.weight").isPresent())
              .isEqualTo(file.equals(all));
        }
      }
      assertThat(run("models", "show", "--from", "models", "--set", broker, "--set", registry))
          .contains(first.modelId(), "stage4.block1.conv2.weight", "without optimiser");

      String[] seeds = {"--seeds", "2", "--set", broker, "--set", registry};
      assertThat(run(seeds, "evaluate", "synthetic:" + IMAGES, "--from", "models"))
          .contains(first.modelId(), "trained", "kNN, k = 20", "raw pixels");
      await()
          .failFast("a service stopped by itself", pipeline::failed)
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(run(seeds, "evaluate", "--embeddings"))
                      .contains(
                          first.modelId(), "published", "kNN, k = 20", "the topic embeddings"));
    }
  }

  private static String run(String[] options, String... words) {
    return run(Stream.of(words, options).flatMap(Stream::of).toArray(String[]::new));
  }

  private static String run(String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exit =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(words);
    assertThat(exit).as(err.toString()).isZero();
    return out.toString();
  }
}
