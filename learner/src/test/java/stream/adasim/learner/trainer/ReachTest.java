package stream.adasim.learner.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReachTest {
  @Test
  void warnsWhereImagesLeaveBeforeTheyHaveTheirVotes() {
    Reach reach = new Reach(3);
    for (int i = 0; i < 255; i++) {
      reach.left(3);
    }
    assertThat(reach.warned()).isFalse(); // not enough to say
    reach.left(3);
    assertThat(reach.warned()).isTrue();
  }

  @Test
  void isSilentWhereTheyStay() {
    Reach reach = new Reach(3);
    for (int i = 0; i < 1_000; i++) {
      reach.left(i % 5 == 0 ? 4 : 1);
    }
    assertThat(reach.warned()).isFalse();
  }
}
