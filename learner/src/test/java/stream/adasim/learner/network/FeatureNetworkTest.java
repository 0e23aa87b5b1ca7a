package stream.adasim.learner.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;

class FeatureNetworkTest {
  private static final int IMAGES = 5;

  /**
   * Weights are packed where products are in bfloat16, and once for all calls between two loads.
   */
  @Test
  void computesWithWhatWasLoadedLastByWhoeverSharesTheWeights() {
    Architecture architecture = Architecture.named("micro", 16, 8, 64);
    SplittableRandom random = new SplittableRandom(5);
    float[] images = new float[IMAGES * architecture.pixels()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    float[] first = FeatureNetwork.initialWeights(architecture, 1);
    float[] second = FeatureNetwork.initialWeights(architecture, 2);
    try (Kernels kernels = Backends.open("auto", 2, Precision.AUTO);
        Kernels others = Backends.open("auto", 1, Precision.AUTO)) {
      FeatureNetwork network = new FeatureNetwork(kernels, architecture);
      FeatureNetwork beside = network.with(others);
      network.load(first);
      float[] ofFirst = network.features(images, IMAGES);
      assertThat(network.features(images, IMAGES)).isEqualTo(ofFirst);
      assertThat(beside.features(images, IMAGES)).isEqualTo(ofFirst);

      network.load(second);
      FeatureNetwork fresh = new FeatureNetwork(kernels, architecture);
      fresh.load(second);
      float[] ofSecond = fresh.features(images, IMAGES);
      assertThat(ofSecond).isNotEqualTo(ofFirst);
      assertThat(beside.features(images, IMAGES)).isEqualTo(ofSecond);
      assertThat(network.features(images, IMAGES)).isEqualTo(ofSecond);

      beside.load(first);
      assertThat(network.features(images, IMAGES)).isEqualTo(ofFirst);
    }
  }
}
