package stream.adasim.standalone.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import stream.adasim.standalone.experiment.Experiment.Finished;

class VerdictTest {
  private final List<Finished> runs = new ArrayList<>();

  private static Point point(long step, double knn, double seconds) {
    return point(step, knn, seconds, 0.55);
  }

  private static Point point(long step, double knn, double seconds, double gatedCandidates) {
    return new Point(
        step,
        step,
        step,
        seconds,
        knn,
        100,
        List.of(knn),
        10,
        0.5,
        -2,
        1.0,
        1.0,
        2.0,
        0.5,
        0.2,
        0.5,
        gatedCandidates,
        0.5,
        0.6,
        0.4);
  }

  /** One run per seed, with its accuracy at the end. */
  private void arm(String partner, double seconds, double... accuracies) {
    Arm arm = new Arm(Map.of(Arm.PARTNER, partner), Map.of(Arm.PARTNER, partner));
    for (int seed = 0; seed < accuracies.length; seed++) {
      List<Point> points = List.of(point(0, 0.1, 0), point(1, accuracies[seed], seconds));
      runs.add(new Finished(arm, seed, new Outcome(points, null)));
    }
  }

  private String text() {
    return String.join("\n", new Verdict(new Results(runs), 0.3, "untrained network").sentences());
  }

  @Test
  void recommendsWhatBeatsAllOthersAtEverySeed() {
    arm("self", 10, 0.50, 0.40, 0.45);
    arm("adasim", 12, 0.53, 0.432, 0.481);
    arm("oracle", 12, 0.60, 0.50, 0.55);

    assertThat(text())
        .contains("Recommended: adasim")
        .contains("adasim beats self by +3.1 points")
        .contains("ORACLE beats SELF here by +10.0 points")
        .contains("adasim: better than self (+3.1 points");
  }

  @Test
  void seedsThatDisagreeShowNoDifference() {
    arm("self", 10, 0.50, 0.40, 0.45);
    arm("adasim", 12, 0.55, 0.38, 0.46);

    assertThat(text())
        .contains("No difference can be shown between the most accurate arm (adasim")
        .contains("self took least time")
        .contains("adasim: no difference to self can be shown")
        .doesNotContain("Recommended");
  }

  @Test
  void anOracleWithoutALeadForbidsRanking() {
    arm("self", 10, 0.50, 0.40, 0.45);
    arm("nearest", 10, 0.46, 0.362, 0.409);
    arm("oracle", 10, 0.51, 0.39, 0.45);

    assertThat(text())
        .contains("ORACLE doesn't beat SELF here")
        .contains("so this setting cannot rank partners")
        .contains("nearest: worse than self");
  }

  @Test
  void oneSeedShowsNothing() {
    arm("self", 10, 0.50);
    arm("adasim", 12, 0.60);

    assertThat(text())
        .contains("There is one seed")
        .contains("no interval from one seed")
        .doesNotContain("Recommended");
  }

  @Test
  void anOracleIsNeverRecommended() {
    arm("self", 10, 0.50, 0.40, 0.45);
    arm("oracle", 10, 0.60, 0.50, 0.55);

    assertThat(text()).doesNotContain("Recommended: oracle");
  }

  @Test
  void saysWhetherTheGateSelects() {
    arm("self", 10, 0.50, 0.40, 0.45);
    arm("adasim", 12, 0.50, 0.40, 0.45);

    assertThat(text()).contains("adasim: the gate selects in the right direction");
  }

  @Test
  void saysHowMuchGateAndReciprocityTellOfTheBestOther() {
    Outcome outcome = new Outcome(List.of(point(0, 0.1, 0), point(1, 0.2, 1)), null);

    assertThat(Results.selection(outcome)).isCloseTo(0.05, within(1e-12));
    assertThat(Results.reciprocity(outcome)).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void aMeasurementWeighsWhatItsStepsDo() {
    List<Point> points = List.of(point(0, 0.1, 0), point(1, 0.2, 1), point(4, 0.2, 1, 0.65));

    assertThat(Results.selection(new Outcome(points, null)))
        .isCloseTo((1 * 0.05 + 3 * 0.15) / 4, within(1e-12));
  }

  @Test
  void forgettingIsTheMeanLossFromTheBest() {
    List<Point> points = new ArrayList<>();
    double[][] accuracies = {{0.9, 0.9}, {0.6, 0.1}, {0.4, 0.5}};
    for (double[] classes : accuracies) {
      Point like = point(points.size(), 0.4, 1);
      points.add(
          new Point(
              like.step(),
              1,
              1,
              1,
              0.4,
              100,
              List.of(classes[0], classes[1]),
              10,
              0.5,
              -2,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null,
              null));
    }

    // The untrained network's accuracy is nothing that training could forget.
    assertThat(new Outcome(points, null).forgetting()).isCloseTo((0.2 + 0) / 2, within(1e-12));
  }
}
