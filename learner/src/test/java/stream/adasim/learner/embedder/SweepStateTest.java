package stream.adasim.learner.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SweepStateTest {
  @Test
  void readsWhatItWrites() {
    SweepState state = new SweepState("vit-1a2b", 17, -1);
    assertThat(SweepState.decode(state.encode())).contains(state);
  }

  @Test
  void metadataOfOthersIsNoState() {
    assertThat(SweepState.decode("")).isEmpty();
    assertThat(SweepState.decode("model= version=x sweep=1")).isEmpty();
  }
}
