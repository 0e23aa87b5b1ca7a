package stream.adasim.standalone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import stream.adasim.ingest.SettingsOptions;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.checkpoint.Loaded;
import stream.adasim.learner.models.ModelReader;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.trainer.SavedTraining;
import stream.adasim.learner.weights.Model;

/** Where a command finds a model of ours. */
final class ModelSource {
  private enum Place {
    CHECKPOINT,
    MODELS
  }

  @Option(
      names = "--from",
      paramLabel = "PLACE",
      description =
          "checkpoint: the newest good one in checkpoint.folder; models: the newest snapshot on the"
              + " topic (default: ${DEFAULT-VALUE}).",
      defaultValue = "checkpoint")
  private Place place = Place.CHECKPOINT;

  @Mixin private SettingsOptions settings = new SettingsOptions();

  /**
   * Finds the model.
   *
   * @param folder of checkpoints, instead of the settings' one
   */
  Model find(@Nullable Path folder) throws IOException {
    LearnerConfig config = config();
    return switch (place) {
      case CHECKPOINT -> checkpoint(folder == null ? config.saving().folder() : folder);
      case MODELS -> snapshot(config);
    };
  }

  /** The learner's settings as the command line has them. */
  LearnerConfig config() {
    return LearnerConfig.from(settings.load(LearnerConfig.definition(), System.getenv(), Map.of()));
  }

  private static Model checkpoint(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new UsageException(
          folder + " is no folder; say where checkpoints are with --set checkpoint.folder=DIR");
    }
    List<String> refused = new ArrayList<>();
    try (Loaded checkpoint = CheckpointStore.read(folder, refused::add).orElse(null)) {
      if (checkpoint == null) {
        throw new UsageException(
            folder
                + " holds no good checkpoint"
                + (refused.isEmpty() ? "" : ": " + String.join("; ", refused))
                + "; the learner writes one every checkpoint.every");
      }
      return SavedTraining.read(checkpoint.body());
    }
  }

  private static Model snapshot(LearnerConfig config) {
    try (ModelReader reader = new ModelReader(config.connection())) {
      ModelSnapshot newest =
          reader
              .readToEnd()
              .orElseThrow(() -> new UsageException("the topic models holds no whole snapshot"));
      return new Model(
          newest.architecture(),
          newest.modelId(),
          newest.version(),
          newest.step(),
          newest.weights(),
          null);
    }
  }
}
