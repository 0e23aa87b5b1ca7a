package stream.adasim.learner.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.function.IntBinaryOperator;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Image files for tests. */
final class Encoded {
  /** 16 x 8, left half (200, 40, 40), right half (30, 60, 210); lossless. Made with Pillow 12. */
  static final byte[] WEBP_LOSSLESS =
      base64("UklGRigAAABXRUJQVlA4TBwAAAAvD8ABAA9wHvZ7qN5Kev6DB2LBZP7SnSlE9D9y");

  /** The same, lossy. */
  static final byte[] WEBP_LOSSY =
      base64(
          "UklGRkIAAABXRUJQVlA4IDYAAADQAQCdASoQAAgAAMASJaACdLoB+AADsAD++e5//tDW/+jD/alnww//aln/7Us+GH+1"
              + "LPncAAA=");

  /** The same as an Adobe CMYK JPEG. */
  static final byte[] JPEG_CMYK =
      base64(
          "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAW"
              + "EBETFBUVFQwPFxgWFBgSFBUU/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EABcAAAMBAAAAAAAAAAAAAAAAAAAICQb/"
              + "xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AHAIoRRVNDptlxg//9k=");

  /** 2 x 1, 16-bit grey: 0x8080, 0xFFFF. */
  static final byte[] PNG_GREY_16 =
      base64(
          "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR4nGNoaPj/HwAGggL/s75RMwAAAABJRU5ErkJg"
              + "gg==");

  /** 2 x 1: (10, 20, 30), which a tRNS chunk makes transparent, and (255, 0, 0). */
  static final byte[] PNG_TRANSPARENT_COLOUR =
      base64(
          "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAABnRSTlMACgAUAB7FNin/AAAAD0lEQVR4nGPgEpH7z8AA"
              + "AAQcATzMQl1XAAAAAElFTkSuQmCC");

  private Encoded() {}

  private static byte[] base64(String text) {
    return Base64.getDecoder().decode(text);
  }

  static BufferedImage image(int width, int height, int type, IntBinaryOperator argb) {
    var image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, argb.applyAsInt(x, y));
      }
    }
    return image;
  }

  static BufferedImage rgb(int width, int height, IntBinaryOperator rgb) {
    return image(width, height, BufferedImage.TYPE_INT_RGB, rgb);
  }

  static byte[] encode(String format, BufferedImage image) throws IOException {
    var out = new ByteArrayOutputStream();
    if (!ImageIO.write(image, format, new MemoryCacheImageOutputStream(out))) {
      throw new IOException("No writer for " + format);
    }
    return out.toByteArray();
  }

  static byte[] progressive(BufferedImage image) throws IOException {
    var out = new ByteArrayOutputStream();
    var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    var param = writer.getDefaultWriteParam();
    param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    try (var stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), param);
    }
    writer.dispose();
    return out.toByteArray();
  }

  static byte[] gif(List<BufferedImage> frames) throws IOException {
    var out = new ByteArrayOutputStream();
    var writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (var stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.prepareWriteSequence(null);
      for (var frame : frames) {
        writer.writeToSequence(new IIOImage(frame, null, null), null);
      }
      writer.endWriteSequence();
    }
    writer.dispose();
    return out.toByteArray();
  }

  /** A JPEG with an EXIF block that asks for an orientation. */
  static byte[] oriented(byte[] jpeg, int orientation, boolean littleEndian) {
    var exif =
        littleEndian
            ? "II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0" + (char) orientation + "\0\0\0\0\0\0\0"
            : "MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0" + (char) orientation + "\0\0\0\0\0\0";
    var payload = ("Exif\0\0" + exif).getBytes(ISO_8859_1);
    return ByteBuffer.allocate(jpeg.length + payload.length + 4)
        .put(jpeg, 0, 2)
        .putShort((short) 0xFFE1)
        .putShort((short) (payload.length + 2))
        .put(payload)
        .put(jpeg, 2, jpeg.length - 2)
        .array();
  }

  /** A PNG that claims dimensions and has no pixels at all. */
  static byte[] pngHeader(int width, int height) {
    var header =
        ByteBuffer.allocate(17).put("IHDR".getBytes(ISO_8859_1)).putInt(width).putInt(height);
    header.put(new byte[] {8, 2, 0, 0, 0});
    var crc = new CRC32();
    crc.update(header.array());
    return ByteBuffer.allocate(45)
        .putLong(0x89504E470D0A1A0AL)
        .putInt(13)
        .put(header.array())
        .putInt((int) crc.getValue())
        .putInt(0)
        .put("IEND".getBytes(ISO_8859_1))
        .putInt(0xAE426082)
        .array();
  }
}
