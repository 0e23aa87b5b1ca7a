package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
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
}
