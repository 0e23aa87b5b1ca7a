package stream.adasim.learner.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LadderTest {
  private static final List<Alarm> ALARM =
      List.of(new Alarm(AlarmKind.RANK_ME, "largest 20", 10, 12));
  private final Ladder ladder = new Ladder();

  private Action after(List<Alarm> alarms) {
    ladder.take(alarms);
    return ladder.action();
  }

  @Test
  void climbsOneActionAtATimeAndStaysAtTheTop() {
    List<Action> actions = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      actions.add(after(ALARM));
    }
    assertThat(actions)
        .containsExactly(
            Action.BOOTSTRAPPING_OFF,
            Action.BOOTSTRAPPING_OFF,
            Action.SHARPER_TEACHER,
            Action.SHARPER_TEACHER,
            Action.ROLL_BACK,
            Action.ROLL_BACK,
            Action.ROLL_BACK);
  }

  @Test
  void liftsAllAfterTwoCleanMiniEpochsInARow() {
    after(ALARM);
    assertThat(after(List.of())).isEqualTo(Action.BOOTSTRAPPING_OFF);
    assertThat(after(ALARM)).isEqualTo(Action.BOOTSTRAPPING_OFF);
    assertThat(after(List.of())).isEqualTo(Action.BOOTSTRAPPING_OFF);
    assertThat(after(List.of())).isEqualTo(Action.NONE);
    assertThat(after(List.of())).isEqualTo(Action.NONE);
  }
}
