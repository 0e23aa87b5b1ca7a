package stream.adasim.learner.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DriftProbeTest {
  private static final int CAPACITY = 4;

  /** Where the model points all images. */
  private double angle;

  private final DriftProbe probe = new DriftProbe((_, count) -> features(count), CAPACITY, 3, 2);

  private float[] features(int count) {
    float[] features = new float[2 * CAPACITY];
    for (int i = 0; i < count; i++) {
      features[2 * i] = (float) Math.cos(angle);
      features[2 * i + 1] = (float) Math.sin(angle);
    }
    return features;
  }

  private void arrive(int images) {
    for (int i = 0; i < images; i++) {
      probe.add(new float[3], 0, features(1), 0);
    }
  }

  @Test
  void seesADriftWhileImagesKeepArriving() {
    arrive(CAPACITY);
    for (int i = 0; i < 100; i++) {
      angle += 0.01;
      arrive(CAPACITY);
    }
    assertThat(probe.drift()).isCloseTo(1 - Math.cos(1), within(1e-6));
  }

  @Test
  void beginsAgainAtANewBase() {
    arrive(CAPACITY);
    angle = 1;
    probe.rebase();
    assertThat(probe.drift()).isCloseTo(0, within(1e-6));
    angle = 2;
    arrive(1); // one image is as new as the model, three are of the base
    assertThat(probe.drift()).isCloseTo((1 - Math.cos(1)) * 3 / 4, within(1e-6));
  }

  @Test
  void isNoneWithoutImages() {
    assertThat(probe.isEmpty()).isTrue();
    assertThat(probe.drift()).isZero();
  }
}
