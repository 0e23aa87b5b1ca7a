import java.awt.image.BufferedImage;
import java.util.Random;

/** What a camera adds to a view and to no other: each draws on the image itself. */
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
