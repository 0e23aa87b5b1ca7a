package stream.adasim.standalone.experiment;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import stream.adasim.learner.decode.RgbImage;
import stream.adasim.learner.trainer.OfflineImage;
import stream.adasim.standalone.labelled.Example;

/** Images as a camera would see them that changes. */
final class Drift {
  private Drift() {}

  /** All values times a factor. */
  static OfflineImage brightness(Example image, double factor) {
    byte[] pixels = image.pixels().pixels().clone();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = level(factor * (pixels[i] & 0xff));
    }
    return encoded(image, pixels);
  }

  /**
   * A Gaussian blur.
   *
   * @param sigma as a share of the short side
   */
  static OfflineImage blur(Example image, double sigma) {
    int width = image.pixels().width();
    int height = image.pixels().height();
    double[] kernel = kernel(sigma * Math.min(width, height));
    double[] once = new double[3 * width * height];
    byte[] source = image.pixels().pixels();
    double[] levels = new double[source.length];
    for (int i = 0; i < source.length; i++) {
      levels[i] = source[i] & 0xff;
    }
    convolve(levels, once, width, height, kernel, true);
    convolve(once, levels, width, height, kernel, false);
    byte[] pixels = new byte[source.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = level(levels[i]);
    }
    return encoded(image, pixels);
  }

  private static double[] kernel(double sigma) {
    int radius = (int) Math.ceil(3 * sigma);
    double[] kernel = new double[2 * radius + 1];
    double sum = 0;
    for (int i = -radius; i <= radius; i++) {
      kernel[i + radius] = sigma == 0 ? 1 : Math.exp(-i * i / (2 * sigma * sigma));
      sum += kernel[i + radius];
    }
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] /= sum;
    }
    return kernel;
  }

  /** One direction; the border's pixels go on beyond it. */
  private static void convolve(
      double[] from, double[] to, int width, int height, double[] kernel, boolean across) {
    int radius = kernel.length / 2;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          double sum = 0;
          for (int k = -radius; k <= radius; k++) {
            int column = across ? Math.clamp(x + k, 0, width - 1) : x;
            int row = across ? y : Math.clamp(y + k, 0, height - 1);
            sum += kernel[k + radius] * from[3 * (row * width + column) + c];
          }
          to[3 * (y * width + x) + c] = sum;
        }
      }
    }
  }

  /** The colours turned about the grey axis by an angle (Rodrigues' rotation). */
  static OfflineImage hue(Example image, double angle) {
    double cos = Math.cos(angle);
    double one = (1 - cos) / 3;
    double side = Math.sin(angle) / Math.sqrt(3);
    byte[] pixels = image.pixels().pixels().clone();
    for (int i = 0; i < pixels.length; i += 3) {
      double r = pixels[i] & 0xff;
      double g = pixels[i + 1] & 0xff;
      double b = pixels[i + 2] & 0xff;
      pixels[i] = level((cos + one) * r + (one - side) * g + (one + side) * b);
      pixels[i + 1] = level((one + side) * r + (cos + one) * g + (one - side) * b);
      pixels[i + 2] = level((one - side) * r + (one + side) * g + (cos + one) * b);
    }
    return encoded(image, pixels);
  }

  private static byte level(double value) {
    return (byte) Math.clamp(Math.round(value), 0, 255);
  }

  private static OfflineImage encoded(Example image, byte[] pixels) {
    int width = image.pixels().width();
    int height = image.pixels().height();
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      int rgb =
          ((pixels[3 * i] & 0xff) << 16)
              | ((pixels[3 * i + 1] & 0xff) << 8)
              | (pixels[3 * i + 2] & 0xff);
      picture.setRGB(i % width, i / width, rgb);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("a picture could not be written to memory", e);
    }
    return new OfflineImage(
        image.id(),
        bytes.toByteArray(),
        new RgbImage(width, height, pixels),
        image.source(),
        image.label(),
        image.capturedAt());
  }
}
