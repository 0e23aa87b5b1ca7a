package stream.adasim.learner.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class CropTest {
  private static final long SEED = 7;

  private static RandomGenerator random() {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
  }

  @Test
  void staysWithinTheImageAndItsBounds() {
    var random = random();
    double sum = 0;
    for (int i = 0; i < 20_000; i++) {
      var crop = Crop.random(200, 160, 0.4, 1, random);
      assertThat(crop.left()).as("seed %d", SEED).isBetween(0, 200 - crop.width());
      assertThat(crop.top()).as("seed %d", SEED).isBetween(0, 160 - crop.height());
      double area = crop.width() * crop.height() / (200.0 * 160);
      double ratio = (double) crop.width() / crop.height();
      assertThat(area).isBetween(0.395, 1.0);
      assertThat(ratio).isBetween(0.74, 1.35);
      sum += area;
    }
    // A try of area a fits where 1.25 a <= ratio <= 1.25 / a: the share of log ratios P(a) between
    // 3:4
    // and 4:3 for which that holds weighs the uniform area: integral(a P) / integral(P) = 0.6208
    assertThat(sum / 20_000).isCloseTo(0.6208, within(0.005)); // standard error .001
  }

  @Test
  void staysBelowTheLargestArea() {
    var random = random();
    for (int i = 0; i < 20_000; i++) {
      var crop = Crop.random(200, 160, 0.05, 0.4, random);
      double area = crop.width() * crop.height() / (200.0 * 160);
      assertThat(area).as("seed %d", SEED).isBetween(0.048, 0.405);
    }
  }

  @Test
  void fallsBackToTheLargestCentralPartOfAllowedRatio() {
    // ten tries can't succeed: area .4 and more of 300 x 3 is at least 19 high
    assertThat(Crop.random(300, 3, 0.4, 1, random())).isEqualTo(new Crop(148, 0, 4, 3));
    assertThat(Crop.random(3, 300, 0.4, 1, random())).isEqualTo(new Crop(0, 148, 3, 4));
    assertThat(Crop.central(1000, 1)).isEqualTo(new Crop(499, 0, 1, 1)); // round(4 / 3) = 1
    assertThat(Crop.central(7, 6)).isEqualTo(new Crop(0, 0, 7, 6));
  }

  @Test
  void takesTheOnlyPixelThereIs() {
    assertThat(Crop.random(1, 1, 0.4, 1, random())).isEqualTo(new Crop(0, 0, 1, 1));
  }
}
