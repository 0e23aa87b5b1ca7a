package stream.adasim.learner.decode;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the plain kind of JPEG, in which nearly all photographs come, at full size or at a half,
 * a quarter or an eighth of it: then the inverse transforms themselves are smaller (see {@link
 * InverseDct}), so that no sample is lost, as it would be by leaving pixels out.
 *
 * <p>Takes only what it understands fully. Whatever is unusual, damaged or cut off is left to
 * ImageIO, which knows all kinds and tells what is wrong. Full size gives libjpeg's pixels. Twice
 * to eight times as fast as ImageIO: DecodeBench.
 */
final class BaselineJpeg {
  private final JpegHeader header;
  private final int luma; // side of a transformed block of luma, or of grey
  private final int colour; // of the colours: twice that, where this saves enlarging them
  private final byte[][] planes;
  private final int[] strides;

  private BaselineJpeg(JpegHeader header, int scale) {
    this.header = header;
    luma = 8 / scale;
    boolean halved = header.mcuAcross() == 2 && header.mcuDown() == 2;
    colour = halved && scale > 1 ? 2 * luma : luma;
    int count = header.components().length;
    planes = new byte[count][];
    strides = new int[count];
    for (int i = 0; i < count; i++) {
      strides[i] = mcusAcross() * header.components()[i].across() * side(i);
      planes[i] = new byte[strides[i] * mcusDown() * header.components()[i].down() * side(i)];
    }
  }

  /**
   * Decodes a file.
   *
   * @param scale 1, 2, 4 or 8: by what the size is divided, rounded up
   * @return null where another decoder is to decide about this file
   */
  static @Nullable RgbImage decode(ByteBuffer file, JpegHeader header, int scale) {
    byte[] bytes;
    int offset = 0;
    if (file.hasArray()) {
      bytes = file.array();
      offset = file.arrayOffset();
    } else {
      bytes = new byte[file.limit()];
      file.get(0, bytes);
    }
    // Each block takes two bits at least: no memory for a header that claims more than that.
    long blocks = (header.width() + 7L) / 8 * ((header.height() + 7L) / 8);
    if (blocks > 4L * (file.limit() - header.scan())) {
      return null;
    }
    BaselineJpeg jpeg = new BaselineJpeg(header, scale);
    EntropyReader reader = new EntropyReader(bytes, offset + header.scan(), offset + file.limit());
    return jpeg.scan(reader) ? jpeg.image(scale) : null;
  }

  private int side(int component) {
    return component == 0 ? luma : colour;
  }

  private int mcusAcross() {
    int width = 8 * header.mcuAcross();
    return (header.width() + width - 1) / width;
  }

  private int mcusDown() {
    int height = 8 * header.mcuDown();
    return (header.height() + height - 1) / height;
  }

  /** Decodes all blocks; false where the data are damaged or end early. */
  private boolean scan(EntropyReader reader) {
    InverseDct transform = new InverseDct();
    int[] block = new int[64];
    int[] direct = new int[planes.length];
    int until = header.restartInterval();
    int restarts = 0;
    int across = mcusAcross();
    int down = mcusDown();
    for (int y = 0; y < down; y++) {
      for (int x = 0; x < across; x++) {
        if (header.restartInterval() > 0 && until-- == 0) {
          reader.restart(restarts++ & 7);
          Arrays.fill(direct, 0);
          until = header.restartInterval() - 1;
        }
        for (int c = 0; c < planes.length; c++) {
          mcu(reader, transform, c, x, y, direct, block);
        }
      }
      if (!reader.whole()) {
        return false;
      }
    }
    return true;
  }

  private void mcu(
      EntropyReader reader, InverseDct transform, int c, int x, int y, int[] direct, int[] block) {
    JpegHeader.Component component = header.components()[c];
    int side = side(c);
    for (int v = 0; v < component.down(); v++) {
      int at = (y * component.down() + v) * side * strides[c] + x * component.across() * side;
      for (int u = 0; u < component.across(); u++) {
        int read = reader.block(component, direct[c], block);
        direct[c] = read >> 6;
        transform.apply(block, read & 63, side, planes[c], at + u * side, strides[c]);
        Arrays.fill(block, 0);
      }
    }
  }

  private RgbImage image(int scale) {
    int width = (header.width() + scale - 1) / scale;
    int height = (header.height() + scale - 1) / scale;
    byte[] pixels = new byte[3 * width * height];
    if (planes.length == 1) {
      grey(width, height, pixels);
      return new RgbImage(width, height, pixels);
    }
    int acrossRatio = header.mcuAcross() * luma / colour;
    int downRatio = header.mcuDown() * luma / colour;
    JpegColours colours =
        new JpegColours(
            planes[1],
            planes[2],
            strides[1],
            acrossRatio == 2,
            downRatio == 2,
            width,
            (height + downRatio - 1) / downRatio);
    for (int y = 0; y < height; y++) {
      colours.row(y, planes[0], y * strides[0], pixels, 3 * y * width);
    }
    return new RgbImage(width, height, pixels);
  }

  private void grey(int width, int height, byte[] pixels) {
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        byte level = planes[0][y * strides[0] + x];
        pixels[to++] = level;
        pixels[to++] = level;
        pixels[to++] = level;
      }
    }
  }
}
