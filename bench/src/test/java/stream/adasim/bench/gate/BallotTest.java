package stream.adasim.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BallotTest {
  private final Ballot ballot = new Ballot(7);

  @Test
  void addsVotesUpAndLooksForTheBestOther() {
    ballot.add(new int[] {9, 7, 3, 5}, new float[] {1, 0.9f, 0.8f, 0.1f}, 1, 3);
    ballot.add(new int[] {3, 4}, new float[] {0.7f, 0.5f}, 0, 2);

    assertThat(ballot.selfFirst()).isOne();
    assertThat(ballot.bestOther()).isEqualTo(3);
    assertThat(ballot.similarity(3)).isCloseTo(0.75, within(1e-6));
    assertThat(ballot.times(3)).isEqualTo(2);
    assertThat(ballot.times(9)).isZero();
    assertThat(ballot.named()).isEqualTo(4);
    assertThat(ballot.gateOpen()).as("0.9 against 1.5").isFalse();

    ballot.add(new int[] {7}, new float[] {0.7f}, 0, 1);
    assertThat(ballot.gateOpen()).as("1.6 against 1.5").isTrue();
  }

  @Test
  void isItsOwnBestOtherWhereItFoundNone() {
    ballot.add(new int[] {7}, new float[] {0.5f}, 0, 1);

    assertThat(ballot.bestOther()).isEqualTo(7);
    assertThat(ballot.gateOpen()).isTrue();
  }
}
