package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Settings;

class SettingsTest {
  @Test
  void standaloneKnowsTheSettingsOfAllServices() {
    Settings settings = Settings.load(Standalone.definition(), null, Map.of(), Map.of());
    assertThat(LearnerConfig.from(settings).training().batchSize()).isEqualTo(64);
    assertThat(IndexerConfig.from(settings).memoryTopK()).isEqualTo(10);
  }

  @Test
  void everyBadSettingIsNamedAtOnceAndNothingStarts() {
    StringWriter err = new StringWriter();
    CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(err));
    int exit =
        commandLine.execute(
            "learner", "--set", "train.batch-size=0", "--set", "train.partners=self");
    assertThat(exit).isNotZero();
    assertThat(err.toString())
        .contains("train.batch-size: found '0'")
        .contains("the nearest is train.partner")
        .doesNotContain("\tat ");
  }

  @Test
  void settingsThatDoNotFitEachOtherAreNamedInOneLine() {
    for (String[] pair :
        new String[][] {
          {"model.image-size=30", "model.*: imageSize=30 must be a multiple of patchSize=8"},
          {"model.network=resnet18 model.registers=2", "registers=2 must be 0"},
          {"model.network=resnet50 train.drop-path=0.1", "train.drop-path=0.1 must be 0"}
        }) {
      StringWriter err = new StringWriter();
      var arguments = new ArrayList<>(List.of("learner"));
      for (String setting : pair[0].split(" ", -1)) {
        arguments.addAll(List.of("--set", setting));
      }
      int exit =
          Main.commandLine().setErr(new PrintWriter(err)).execute(arguments.toArray(String[]::new));
      assertThat(exit).isNotZero();
      assertThat(err.toString()).contains(pair[1]).doesNotContain("\tat ");
    }
  }
}
