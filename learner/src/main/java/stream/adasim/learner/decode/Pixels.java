package stream.adasim.learner.decode;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;

/**
 * From ImageIO's many kinds of images to upright 8-bit RGB over white.
 *
 * <p>Samples are taken as they are. Java's own conversion to RGB takes grey for linear light and
 * brightens it, and follows embedded colour profiles; torchvision and PIL do neither.
 */
final class Pixels {
  private static final int WHITE = 255;

  private Pixels() {}

  static byte[] of(BufferedImage image) {
    return image.getColorModel() instanceof ComponentColorModel model && samples(image, model)
        ? fromSamples(image, model.hasAlpha())
        : fromColours(image);
  }

  private static boolean samples(BufferedImage image, ComponentColorModel model) {
    int type = image.getColorModel().getColorSpace().getType();
    int data = image.getRaster().getTransferType();
    return (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB)
        && (data == DataBuffer.TYPE_BYTE || data == DataBuffer.TYPE_USHORT)
        && !model.isAlphaPremultiplied();
  }

  private static byte[] fromSamples(BufferedImage image, boolean alpha) {
    var raster = image.getRaster();
    int width = image.getWidth();
    int bands = raster.getNumBands();
    int alphaBand = alpha ? bands - 1 : -1;
    int green = bands >= 3 ? 1 : 0; // one grey band serves all three
    int blue = bands >= 3 ? 2 : 0;
    boolean wide = raster.getTransferType() == DataBuffer.TYPE_USHORT;
    var pixels = new byte[3 * width * image.getHeight()];
    var row = new int[bands * width];
    int to = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, row);
      if (wide) {
        for (int i = 0; i < row.length; i++) {
          row[i] = (row[i] * 255 + 32_767) / 65_535;
        }
      }
      for (int from = 0; from < row.length; from += bands) {
        int opacity = alphaBand < 0 ? 255 : row[from + alphaBand];
        pixels[to++] = over(row[from], opacity);
        pixels[to++] = over(row[from + green], opacity);
        pixels[to++] = over(row[from + blue], opacity);
      }
    }
    return pixels;
  }

  /** Palettes and packed pixels: their colours are plain sRGB. */
  private static byte[] fromColours(BufferedImage image) {
    int width = image.getWidth();
    var pixels = new byte[3 * width * image.getHeight()];
    var row = new int[width];
    int to = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        int opacity = argb >>> 24;
        pixels[to++] = over(argb >> 16 & 0xFF, opacity);
        pixels[to++] = over(argb >> 8 & 0xFF, opacity);
        pixels[to++] = over(argb & 0xFF, opacity);
      }
    }
    return pixels;
  }

  private static byte over(int sample, int opacity) {
    return opacity == 255
        ? (byte) sample
        : (byte) ((sample * opacity + WHITE * (255 - opacity) + 127) / 255);
  }

  /**
   * Turns an image as EXIF's orientation tag asks (CIPA DC-008, 4.6.4): 2 mirrored, 3 turned by
   * half, 4 upside down, 5 transposed, 6 to be turned right, 7 transposed over the other diagonal,
   * 8 to be turned left.
   */
  static RgbImage upright(RgbImage image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    boolean swaps = orientation >= 5;
    int width = swaps ? image.height() : image.width();
    int height = swaps ? image.width() : image.height();
    var pixels = new byte[image.pixels().length];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int alongX = swaps ? y : x;
        int alongY = swaps ? x : y;
        boolean flipX =
            orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean flipY =
            orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int fromX = flipX ? image.width() - 1 - alongX : alongX;
        int fromY = flipY ? image.height() - 1 - alongY : alongY;
        int from = 3 * (fromY * image.width() + fromX);
        pixels[to++] = image.pixels()[from];
        pixels[to++] = image.pixels()[from + 1];
        pixels[to++] = image.pixels()[from + 2];
      }
    }
    return new RgbImage(width, height, pixels);
  }
}
