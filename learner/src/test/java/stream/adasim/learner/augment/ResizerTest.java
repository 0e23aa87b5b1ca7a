package stream.adasim.learner.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import stream.adasim.learner.decode.RgbImage;

/**
 * Reference numbers: Pillow 12.3, {@code Image.resize(BICUBIC)} of a mode F image with the values
 * {@code ((37 x x + 53 y + 11 x y) mod 256) / 255}, clipped to [0, 1].
 */
class ResizerTest {
  private static RgbImage image(int width, int height) {
    var pixels = new byte[3 * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int value = (37 * x * x + 53 * y + 11 * x * y) % 256;
        pixels[3 * (y * width + x)] = (byte) value;
        pixels[3 * (y * width + x) + 1] = (byte) (255 - value);
        pixels[3 * (y * width + x) + 2] = 51;
      }
    }
    return new RgbImage(width, height, pixels);
  }

  private static void assertPlanes(float[] found, float... red) {
    int plane = red.length;
    for (int i = 0; i < plane; i++) {
      assertThat(found[i]).as("red %d", i).isCloseTo(red[i], within(2e-5f));
      assertThat(found[plane + i]).as("green %d", i).isCloseTo(1 - red[i], within(2e-5f));
      assertThat(found[2 * plane + i]).as("blue %d", i).isCloseTo(0.2f, within(1e-6f));
    }
  }

  @Test
  void shrinksAsPillowDoes() {
    var out = new float[12];
    new Resizer(2).crop(image(5, 4), new Crop(0, 0, 5, 4), false, out, 0);
    assertPlanes(out, 0.32571f, 0.54595f, 0.58391f, 0.47483f);
  }

  @Test
  void growsAsPillowDoes() {
    var out = new float[147];
    new Resizer(7).crop(image(5, 4), new Crop(0, 0, 5, 4), false, out, 0);
    float[] firstRow = {0, 0.03408f, 0.24824f, 0.55706f, 0.35539f, 0.26014f, 0.28404f};
    float[] lastRow = {0.29994f, 0.62383f, 0.82451f, 0.83932f, 0.48215f, 0.28237f, 0.34071f};
    for (int x = 0; x < 7; x++) {
      assertThat(out[x]).isCloseTo(firstRow[x], within(2e-5f));
    }
    assertThat(out[48]).isCloseTo(0.49422f, within(2e-5f));
    for (int i = 0; i < 7; i++) {
      assertThat(out[41 + i]).isCloseTo(lastRow[i], within(2e-5f));
    }
  }

  @Test
  void seesNothingAroundACropAndMirrorsIt() {
    float[] plain = {
      0.52778f, 0.77177f, 0.66709f, 0.48141f, 0.5855f, 0.34091f, 0.79802f, 0.36388f, 0.40756f
    };
    var resizer = new Resizer(3);
    var out = new float[27];
    resizer.crop(image(5, 4), new Crop(1, 1, 4, 3), false, out, 0);
    assertPlanes(out, plain);
    resizer.crop(image(5, 4), new Crop(1, 1, 4, 3), true, out, 0);
    assertPlanes(
        out, plain[2], plain[1], plain[0], plain[5], plain[4], plain[3], plain[8], plain[7],
        plain[6]);
  }

  @Test
  void cutsTheCentreOutOfTheResizedImage() {
    // 9 x 4 to 6 x 3; torchvision's CenterCrop starts at round((6 - 3) / 2) = 2
    var out = new float[27];
    new Resizer(3).centre(image(9, 4), out, 0);
    assertPlanes(
        out, 0.42804f, 0.44774f, 0.31006f, 0.68308f, 0.26015f, 0.35825f, 0.38967f, 0.62099f,
        0.47858f);
  }

  @Test
  void leavesAnImageOfTheRightSizeAsItIs() {
    var image = image(4, 4);
    var out = new float[48];
    new Resizer(4).centre(image, out, 0);
    for (int i = 0; i < 16; i++) {
      assertThat(out[i]).isCloseTo((image.pixels()[3 * i] & 0xFF) / 255f, within(1e-6f));
    }
  }

  @Test
  void isTheFilterWrittenOut() {
    int[][] sizes = {{5, 4, 7}, {33, 20, 8}, {40, 53, 32}, {3, 90, 16}};
    for (var size : sizes) {
      var image = image(size[0], size[1]);
      int side = size[2];
      var across = new Axis(side);
      var down = new Axis(side);
      across.set(size[0], side, 0);
      down.set(size[1], side, 0);
      var out = new float[3 * side * side];
      new Resizer(side).crop(image, new Crop(0, 0, size[0], size[1]), true, out, 0);
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          for (int c = 0; c < 3; c++) {
            double sum = 0;
            for (int v = 0; v < down.taps[y]; v++) {
              for (int u = 0; u < across.taps[x]; u++) {
                int at = (down.first[y] + v) * size[0] + across.first[x] + u;
                sum +=
                    (double) down.weights[y * down.stride + v]
                        * across.weights[x * across.stride + u]
                        * (image.pixels()[3 * at + c] & 0xFF);
              }
            }
            assertThat(out[c * side * side + y * side + side - 1 - x])
                .as("%d x %d to %d: (%d, %d), channel %d", size[0], size[1], side, x, y, c)
                .isCloseTo((float) Math.clamp(sum / 255, 0, 1), within(1e-5f));
          }
        }
      }
    }
  }
}
