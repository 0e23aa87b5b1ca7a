package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import stream.adasim.learner.objective.Schedule.Constant;
import stream.adasim.learner.objective.Schedule.Cosine;
import stream.adasim.learner.objective.Schedule.Linear;
import stream.adasim.learner.objective.Schedule.WarmUp;

class SchedulesTest {
  @Test
  void scalesTheLearningRateWithTheBatch() {
    assertThat(Schedules.learningRate(256)).isEqualTo(5e-4);
    assertThat(Schedules.learningRate(64)).isEqualTo(1.25e-4);
  }

  @Test
  void streamsWarmUpAndThenStay() {
    Schedules schedules = Schedules.stream(1e-3, 10, 5);
    assertThat(schedules.learningRate().at(0)).isEqualTo(1e-4, within(1e-12));
    assertThat(schedules.learningRate().at(4)).isEqualTo(5e-4, within(1e-12));
    assertThat(schedules.learningRate().at(9)).isEqualTo(1e-3, within(1e-12));
    assertThat(schedules.learningRate().at(10)).isEqualTo(1e-3);
    assertThat(schedules.learningRate().at(1_000_000_000_000L)).isEqualTo(1e-3);
    assertThat(schedules.weightDecay().at(123)).isEqualTo(0.04);
    assertThat(schedules.momentum().at(123)).isEqualTo(0.996);
    assertThat(schedules.teacherTemperature().at(123)).isEqualTo(0.04);
    assertThat(schedules.frozenSteps()).isEqualTo(5);
  }

  @Test
  void finiteRunsFollowCosines() {
    Schedules schedules = Schedules.finite(1e-3, 10, 0, 110);
    assertThat(schedules.learningRate().at(9)).isEqualTo(1e-3, within(1e-12));
    assertThat(schedules.learningRate().at(10)).isEqualTo(1e-3, within(1e-12));
    // A quarter of the way cos(pi / 4) = 0.70710678: 1e-6 + 9.99e-4 * 0.85355339.
    assertThat(schedules.learningRate().at(35)).isEqualTo(8.5369984e-4, within(1e-10));
    assertThat(schedules.learningRate().at(60)).isEqualTo(5.005e-4, within(1e-10));
    assertThat(schedules.learningRate().at(110)).isEqualTo(1e-6);
    assertThat(schedules.learningRate().at(999)).isEqualTo(1e-6);
    assertThat(schedules.weightDecay().at(0)).isEqualTo(0.04, within(1e-12));
    assertThat(schedules.weightDecay().at(55)).isEqualTo(0.22, within(1e-12));
    assertThat(schedules.weightDecay().at(110)).isEqualTo(0.4);
    assertThat(schedules.momentum().at(0)).isEqualTo(0.996, within(1e-12));
    assertThat(schedules.momentum().at(55)).isEqualTo(0.998, within(1e-12));
    assertThat(schedules.momentum().at(110)).isEqualTo(1);
  }

  @Test
  void linesGoFromStartToEndAndStayThere() {
    var schedule = new Linear(0.04, 0.07, 30);
    assertThat(schedule.at(0)).isEqualTo(0.04, within(1e-12));
    assertThat(schedule.at(10)).isEqualTo(0.05, within(1e-12));
    assertThat(schedule.at(30)).isEqualTo(0.07);
    assertThat(schedule.at(31)).isEqualTo(0.07);
  }

  @Test
  void takeNoStepsWhereNoneAreAskedFor() {
    assertThat(new Linear(1, 2, 0).at(0)).isEqualTo(2);
    assertThat(new Cosine(1, 2, 0).at(0)).isEqualTo(2);
    assertThat(new WarmUp(0, new Constant(3)).at(0)).isEqualTo(3);
  }

  @Test
  void rejectAWarmUpLongerThanTheRun() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedules.finite(1e-3, 11, 0, 10))
        .withMessageContaining("warmUpSteps=11");
    assertThatIllegalArgumentException().isThrownBy(() -> new Cosine(0, 1, -1));
  }

  @Test
  void replaceOneAndKeepTheOthers() {
    Schedules schedules =
        Schedules.stream(1e-3, 10, 5)
            .withMomentum(new Constant(0.99))
            .withWeightDecay(new Constant(0.1))
            .withTeacherTemperature(new Linear(0.04, 0.07, 10));
    assertThat(schedules.momentum().at(0)).isEqualTo(0.99);
    assertThat(schedules.weightDecay().at(0)).isEqualTo(0.1);
    assertThat(schedules.teacherTemperature().at(10)).isEqualTo(0.07);
    assertThat(schedules.learningRate().at(10)).isEqualTo(1e-3);
    assertThat(schedules.frozenSteps()).isEqualTo(5);
  }
}
