package stream.adasim.learner.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import stream.adasim.learner.objective.Objective;
import stream.adasim.schemas.settings.Settings;

/** Numbers that nobody set come from the objective. */
class ObjectiveDefaultsTest {

  @ParameterizedTest
  @EnumSource
  void whatIsNotGivenIsTheObjectives(Objective objective) {
    LearnerConfig config = config(Map.of("train.objective", objective.setting()));
    LearnerConfig.Training training = config.training();
    Objective.Defaults defaults = objective.defaults();
    assertThat(training.objective()).isEqualTo(objective);
    assertThat(training.learningRate()).isEqualTo(Double.valueOf(defaults.learningRate()));
    assertThat(training.weightDecay()).isEqualTo(Double.valueOf(defaults.weightDecay()));
    assertThat(training.momentum()).isEqualTo(Double.valueOf(defaults.momentum()));
    assertThat(training.contrastTemperature()).isEqualTo(Double.valueOf(defaults.temperature()));
    assertThat(objective.headed(config.architecture())).isEqualTo(config.architecture());
  }

  @ParameterizedTest
  @EnumSource
  void whatIsGivenWinsEvenWhereItIsAnotherObjectivesDefault(Objective objective) {
    LearnerConfig.Training training =
        config(
                Map.of(
                    "train.objective", objective.setting(),
                    "train.learning-rate", "0.0005",
                    "train.weight-decay", "0.04",
                    "train.momentum", "0.5",
                    "train.contrast-temperature", "0.7"))
            .training();
    assertThat(training.learningRate()).isEqualTo(0.0005);
    assertThat(training.weightDecay()).isEqualTo(0.04);
    assertThat(training.momentum()).isEqualTo(0.5);
    assertThat(training.contrastTemperature())
        .isEqualTo(
            Double.valueOf(objective.contrasts() ? 0.7 : objective.defaults().temperature()));
  }

  private static LearnerConfig config(Map<String, String> flags) {
    return LearnerConfig.from(Settings.load(LearnerConfig.definition(), null, Map.of(), flags));
  }
}
