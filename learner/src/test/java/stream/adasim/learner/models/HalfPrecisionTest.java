package stream.adasim.learner.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;

class HalfPrecisionTest {
  private static final int IMAGES = 8;

  private static Kernels kernels;

  @BeforeAll
  static void open() {
    kernels = Backends.open("auto", 1);
  }

  @AfterAll
  static void close() {
    kernels.close();
  }

  private static float[] images(Architecture architecture) {
    SplittableRandom random = new SplittableRandom(5);
    float[] images = new float[IMAGES * architecture.pixels()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    return images;
  }

  private static ModelSnapshot snapshot(Architecture architecture) {
    return new ModelSnapshot(
        "m", 3, 4, architecture, FeatureNetwork.initialWeights(architecture, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"micro", "tiny", "resnet18"})
  void roundsWeightsThatServeAsWell(String network) {
    Architecture architecture = Architecture.named(network, 32, 8, 64);
    ModelSnapshot exact = snapshot(architecture);
    float[] images = images(architecture);
    ModelSnapshot rounded = HalfPrecision.round(exact, kernels, images, IMAGES).orElseThrow();
    assertThat(HalfPrecision.holds(exact.weights())).isFalse();
    assertThat(HalfPrecision.holds(rounded.weights())).isTrue();
    assertThat(HalfPrecision.distance(exact, rounded, kernels, images, IMAGES))
        .isLessThan(HalfPrecision.MOST / 10);
    assertThat(rounded.version()).isEqualTo(3);
    assertThat(rounded.step()).isEqualTo(4);
  }

  @Test
  void leavesWeightsThatDont() {
    Architecture architecture = Architecture.named("micro", 32, 8, 64);
    ModelSnapshot exact = snapshot(architecture);
    exact.weights()[3] = 1e6f; // beyond what half precision holds
    assertThat(HalfPrecision.round(exact, kernels, images(architecture), IMAGES)).isEmpty();
  }
}
