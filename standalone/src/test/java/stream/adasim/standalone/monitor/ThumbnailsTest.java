package stream.adasim.standalone.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ThumbnailsTest {
  @Test
  void leavesImagesOfTheRightSizeAsTheyAre() {
    float[] images = random(2, 32, 1);
    assertThat(Thumbnails.of(images, 2, 32)).isEqualTo(images).isNotSameAs(images);
  }

  @Test
  void averagesWholePixelsWhereTheSideIsAMultiple() {
    float[] images = random(1, 64, 2);
    float[] small = Thumbnails.of(images, 1, 64);
    int plane = 2;
    int y = 7;
    int x = 31;
    double expected = 0;
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        expected += images[plane * 64 * 64 + (2 * y + dy) * 64 + 2 * x + dx] / 4.0;
      }
    }
    assertThat((double) small[plane * 32 * 32 + y * 32 + x]).isCloseTo(expected, within(1e-6));
  }

  @Test
  void weighsPixelsOnTheEdgeByTheirCoveredPart() {
    // Side 48: each target pixel covers 1.5 x 1.5 source pixels. A ramp along x keeps its slope.
    float[] images = new float[3 * 48 * 48];
    for (int i = 0; i < images.length; i++) {
      images[i] = i % 48;
    }
    float[] small = Thumbnails.of(images, 1, 48);
    assertThat((double) small[0]).isCloseTo((0 + 0.5 * 1) / 1.5, within(1e-6));
    assertThat((double) small[1]).isCloseTo((0.5 * 1 + 2) / 1.5, within(1e-6));
  }

  @Test
  void keepsTheMeanOfAnyImage() {
    for (int side : new int[] {5, 28, 33, 96}) {
      float[] images = random(1, side, side);
      assertThat(mean(Thumbnails.of(images, 1, side)))
          .as("side %d", side)
          .isCloseTo(mean(images), within(1e-5));
    }
  }

  @Test
  void refusesArraysOfAnotherSize() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Thumbnails.of(new float[10], 1, 32))
        .withMessageContaining("10 floats");
  }

  private static float[] random(int n, int side, long seed) {
    Random random = new Random(seed);
    float[] images = new float[n * 3 * side * side];
    for (int i = 0; i < images.length; i++) {
      images[i] = random.nextFloat();
    }
    return images;
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
