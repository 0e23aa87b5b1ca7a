package stream.adasim.standalone.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.schemas.settings.SettingsException;

class PlanTest {
  @TempDir Path folder;

  private Plan plan(String text) throws IOException {
    Path file = folder.resolve("grid.properties");
    Files.writeString(file, text);
    return Plan.read(file);
  }

  @Test
  void everyCombinationIsAnArm() throws IOException {
    Plan plan =
        plan(
            """
            data = synthetic:100
            steps = 10
            seeds = 1, 2
            model.prototypes = 64
            grid.train.partner = self, adasim, adasim + train.temperature=0.05
            grid.stream.order = shuffled, class-by-class
            """);

    assertThat(plan.arms())
        .extracting(Arm::name)
        .containsExactly(
            "self, shuffled",
            "self, class-by-class",
            "adasim, shuffled",
            "adasim, class-by-class",
            "adasim temperature 0.05, shuffled",
            "adasim temperature 0.05, class-by-class");
    assertThat(plan.seeds()).containsExactly(1L, 2L);
    Arm last = plan.arms().getLast();
    assertThat(last.learner(7, 1).training().temperatures().start()).isEqualTo(0.05);
    assertThat(last.learner(7, 1).seed()).isEqualTo(7);
    assertThat(last.learner(7, 1).architecture().prototypes()).isEqualTo(64);
    assertThat(last.context()).isEqualTo(Map.of("stream.order", "class-by-class"));
    assertThat(last.order()).isEqualTo(StreamOrder.CLASS_BY_CLASS);
  }

  @Test
  void settingsOfTheMemoryAreAxesToo() throws IOException {
    Plan plan = plan("data=synthetic:9\npasses=2\ngrid.memory.votes=4,8\n");

    assertThat(plan.arms()).extracting(arm -> arm.indexer().memoryVotes()).containsExactly(4, 8);
    assertThat(plan.budget().steps(320, 64)).isEqualTo(10);
  }

  @Test
  void aMisspeltSettingIsNamedBeforeAnythingRuns() {
    assertThatThrownBy(() -> plan("data=synthetic:9\nsteps=2\ngrid.train.patner=self\n"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("train.patner")
        .hasMessageContaining("train.partner");
  }

  @Test
  void aBadValueOnAnAxisIsNamedBeforeAnythingRuns() {
    assertThatThrownBy(() -> plan("data=synthetic:9\nsteps=2\ngrid.train.temperature=0.1,-3\n"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("train.temperature")
        .hasMessageContaining("-3");
  }

  @Test
  void exactlyOneBudgetIsNeeded() {
    assertThatThrownBy(() -> plan("data=synthetic:9\n"))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("found 0 of steps, passes and time");
    assertThatThrownBy(() -> plan("data=synthetic:9\nsteps=2\npasses=3\n"))
        .hasMessageContaining("found 2 of steps, passes and time");
  }

  @Test
  void weightsThatAreNotThereAreNamedBeforeAnythingRuns() {
    assertThatThrownBy(() -> plan("data=synthetic:9\nsteps=2\nstart=nowhere.safetensors\n"))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("start=nowhere.safetensors");
  }

  @Test
  void anUnknownOrderIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> plan("data=synthetic:9\nsteps=2\nstream.order=random\n"))
        .hasMessageContaining("stream.order: found 'random'")
        .hasMessageContaining("class-by-class");
  }

  @Test
  void timeDoesNotGoWithAStreamThatIsSpreadOverTheRun() {
    assertThatThrownBy(() -> plan("data=synthetic:9\ntime=1m\nstream.order=shuffled\n"))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("needs steps or passes");
  }
}
