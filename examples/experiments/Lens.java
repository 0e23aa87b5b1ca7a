import java.awt.image.BufferedImage;
import java.util.Random;

/** What a camera does to a view: each changes the image itself. */
final class Lens {
  private Lens() {}

  /** Round spots of any colour with soft edges, 2 to 8 pixels wide, through which little is seen. */
  static void spot(BufferedImage view, int count, Random random) {
    for (int i = 0; i < count; i++) {
      double middleX = random.nextDouble() * view.getWidth();
      double middleY = random.nextDouble() * view.getHeight();
      double radius = 1 + 3 * random.nextDouble();
      int colour = random.nextInt(1 << 24);
      for (int y = 0; y < view.getHeight(); y++) {
        for (int x = 0; x < view.getWidth(); x++) {
          double away = StrictMath.hypot(x - middleX, y - middleY) / radius;
          double share = 0.9 * Math.clamp(2 - 2 * away, 0, 1);
          int rgb = 0;
          for (int shift = 16; shift >= 0; shift -= 8) {
            double was = view.getRGB(x, y) >> shift & 0xff;
            double value = was + share * ((colour >> shift & 0xff) - was);
            rgb |= (int) StrictMath.rint(value) << shift;
          }
          view.setRGB(x, y, rgb);
        }
      }
    }
  }

  /**
   * From one picture to the next: each becomes a mixture of both.
   *
   * @param share of the other one in each, 0 to 0.5
   */
  static void dissolve(BufferedImage one, BufferedImage other, double share) {
    for (int y = 0; y < one.getHeight(); y++) {
      for (int x = 0; x < one.getWidth(); x++) {
        int a = one.getRGB(x, y);
        int b = other.getRGB(x, y);
        one.setRGB(x, y, mixed(a, b, share));
        other.setRGB(x, y, mixed(b, a, share));
      }
    }
  }

  private static int mixed(int most, int some, double share) {
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      double value = (1 - share) * (most >> shift & 0xff) + share * (some >> shift & 0xff);
      rgb |= (int) StrictMath.rint(value) << shift;
    }
    return rgb;
  }

  /**
   * Out of focus: each pixel becomes the mean of the square around it, twice over.
   *
   * @param radius of the square, in pixels
   */
  static void defocus(BufferedImage view, int radius) {
    for (int time = 0; time < 2; time++) {
      int[] was = view.getRGB(0, 0, view.getWidth(), view.getHeight(), null, 0, view.getWidth());
      for (int y = 0; y < view.getHeight(); y++) {
        for (int x = 0; x < view.getWidth(); x++) {
          view.setRGB(x, y, mean(was, view.getWidth(), x, y, radius));
        }
      }
    }
  }

  private static int mean(int[] pixels, int width, int x, int y, int radius) {
    int height = pixels.length / width;
    int[] sums = new int[3];
    int count = 0;
    for (int row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++) {
      for (int i = Math.max(0, x - radius); i <= Math.min(width - 1, x + radius); i++) {
        int rgb = pixels[row * width + i];
        for (int band = 0; band < 3; band++) {
          sums[band] += rgb >> 8 * band & 0xff;
        }
        count++;
      }
    }
    int rgb = 0;
    for (int band = 2; band >= 0; band--) {
      rgb = rgb << 8 | (sums[band] + count / 2) / count;
    }
    return rgb;
  }

  /**
   * Each value by itself, as a sensor has it in the dark.
   *
   * @param deviation standard deviation, as a share of the full range; 0 draws nothing
   */
  static void noise(BufferedImage view, double deviation, Random random) {
    if (deviation == 0) {
      return;
    }
    for (int y = 0; y < view.getHeight(); y++) {
      for (int x = 0; x < view.getWidth(); x++) {
        int rgb = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
          double value = (view.getRGB(x, y) >> shift & 0xff) + 255 * deviation * random.nextGaussian();
          rgb |= (int) StrictMath.rint(Math.clamp(value, 0, 255)) << shift;
        }
        view.setRGB(x, y, rgb);
      }
    }
  }
}
