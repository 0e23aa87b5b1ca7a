package stream.adasim.learner.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.checkpoint.Loaded;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.weights.Model;
import stream.adasim.schemas.settings.Settings;

class SavedTrainingTest {
  private static final Kernels KERNELS = Backends.open("nd4j", 1);

  @TempDir Path folder;

  @AfterAll
  static void close() {
    KERNELS.close();
  }

  @Test
  void readsTheModelOutOfACheckpointThatATrainerOwns() throws IOException {
    Settings settings =
        Settings.load(LearnerConfig.definition(), null, Map.of(), Map.of("model.prototypes", "16"));
    LearnerConfig config = LearnerConfig.from(settings);
    try (Training training = new Training(config, KERNELS, "model")) {
      CheckpointStore store = new CheckpointStore(folder, 2);
      float[] weights = training.snapshot(0).weights();
      weights[5] = 0.25f;
      training.startFrom(weights);
      store.write(
          0,
          out -> {
            new TrainerState(
                    "model", 7, new TreeMap<>(config.architecture().toMap()), new TreeMap<>())
                .write(out);
            training.save(out);
          });
      Model model;
      try (Loaded loaded = CheckpointStore.read(folder, List.<String>of()::add).orElseThrow()) {
        model = SavedTraining.read(loaded.body());
      }
      assertThat(model.modelId()).isEqualTo("model");
      assertThat(model.version()).isEqualTo(7);
      assertThat(model.step()).isZero();
      assertThat(model.architecture()).isEqualTo(config.architecture());
      assertThat(model.teacher()).isEqualTo(weights);
      assertThat(Objects.requireNonNull(model.training()).student()).isEqualTo(weights);
      assertThat(Objects.requireNonNull(model.training()).own()).hasSize(16).containsOnly(0);
    }
  }
}
