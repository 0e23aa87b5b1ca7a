package stream.adasim.learner.decode;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.spi.ImageReaderSpi;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.decode.Decoding.Decoded;
import stream.adasim.learner.decode.Decoding.Rejected;

/**
 * Decodes JPEG, PNG, GIF, BMP and WebP: the first frame, upright, as 8-bit RGB, transparent parts
 * over white. Size and dimensions are checked before a pixel is read. What isn't a whole image is
 * rejected with the reason; only errors of the machine, such as out of memory, are thrown.
 * Thread-safe.
 */
public final class ImageDecoder {
  /** Pixels to average per side and target pixel that leaving pixels out has to leave. */
  private static final int PIXELS_PER_TARGET = 4;

  /**
   * The same for smaller transforms, which average already: the smallest crop of training, .4 of
   * the area at 3:4, then still has more pixels than its view.
   */
  private static final int SAMPLES_PER_TARGET = 2;

  private final DecodeLimits limits;
  private final Map<Format, ImageReaderSpi> readers = new EnumMap<>(Format.class);

  /**
   * @throws IllegalStateException where a format has no decoder on the class path
   */
  public ImageDecoder(DecodeLimits limits) {
    this.limits = limits;
    for (var format : Format.values()) {
      var found = ImageIO.getImageReadersByFormatName(format.imageIoName);
      if (!found.hasNext()) {
        throw new IllegalStateException(
            "No ImageIO reader for %s on the class path: add imageio-jpeg and imageio-webp of TwelveMonkeys"
                .formatted(format));
      }
      var reader = found.next();
      readers.put(format, reader.getOriginatingProvider());
      reader.dispose();
    }
  }

  /** Decodes at full size. The buffer's position stays. */
  public Decoding decode(ByteBuffer bytes) {
    return decode(bytes, Integer.MAX_VALUE);
  }

  /**
   * Decodes, perhaps at a whole fraction of the size. The short side stays at least twice as long
   * as wanted where JPEG's own transform does the scaling, four times where pixels are left out:
   * what is resized to the target afterwards still averages all there was, or 16 pixels.
   *
   * @param targetShortSide that the image will be resized to, in pixels
   */
  public Decoding decode(ByteBuffer bytes, int targetShortSide) {
    if (targetShortSide < 1) {
      throw new IllegalArgumentException(
          "targetShortSide=%d must be at least 1".formatted(targetShortSide));
    }
    var file = bytes.slice();
    if (file.limit() == 0) {
      return new Rejected("empty: no bytes");
    }
    if (file.limit() > limits.maxBytes()) {
      return new Rejected(
          "too large: %,d bytes, at most %,d are taken".formatted(file.limit(), limits.maxBytes()));
    }
    var format = Format.of(file);
    if (format == null) {
      return new Rejected(
          "not an image: starts with %s, expected JPEG, PNG, GIF, BMP or WebP"
              .formatted(firstBytes(file)));
    }
    var fault = Structure.fault(format, file);
    if (fault != null) {
      return new Rejected(fault);
    }
    // Decoders throw IllegalArgumentException, ArrayIndexOutOfBounds-, NegativeArraySize-, Null-
    // Pointer-, ClassCast-, IllegalState-, RasterFormat- and CMMExceptions for bad data, and the
    // list grows with every release. No state outlives the call, so all of them are the data's.
    try {
      return decode(file, format, targetShortSide);
    } catch (IOException | RuntimeException e) {
      return new Rejected("undecodable %s: %s".formatted(format, reason(e)));
    }
  }

  private Decoding decode(ByteBuffer file, Format format, int targetShortSide) throws IOException {
    if (format == Format.JPEG) {
      var plain = plainJpeg(file, targetShortSide);
      if (plain != null) {
        return new Decoded(Pixels.upright(plain, Structure.jpegOrientation(file)));
      }
    }
    var provider = readers.get(format);
    if (provider == null) {
      throw new AssertionError("Every format has a reader");
    }
    var reader = provider.createReaderInstance();
    try (var input = new BufferInput(file)) {
      reader.setInput(input, true, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      if (width < 1 || height < 1) {
        return new Rejected(
            "undecodable %s: its header claims %d x %d pixels".formatted(format, width, height));
      }
      if ((long) width * height > limits.maxPixels()) {
        return new Rejected(
            "too many pixels: the header claims %,d x %,d, at most %,d are taken"
                .formatted(width, height, limits.maxPixels()));
      }
      var image =
          read(reader, format, Math.min(width, height) / PIXELS_PER_TARGET / targetShortSide);
      var rgb = new RgbImage(image.getWidth(), image.getHeight(), Pixels.of(image));
      return new Decoded(
          format == Format.JPEG ? Pixels.upright(rgb, Structure.jpegOrientation(file)) : rgb);
    } finally {
      reader.dispose();
    }
  }

  /** The fast way for JPEGs of the plain kind; null where ImageIO is to decide. */
  private @Nullable RgbImage plainJpeg(ByteBuffer file, int targetShortSide) {
    var header = JpegHeader.read(file);
    if (header == null || (long) header.width() * header.height() > limits.maxPixels()) {
      return null;
    }
    int shortSide = Math.min(header.width(), header.height());
    int scale = 8;
    while (scale > 1 && shortSide / scale < (long) SAMPLES_PER_TARGET * targetShortSide) {
      scale /= 2;
    }
    return BaselineJpeg.decode(file, header, scale);
  }

  private static BufferedImage read(ImageReader reader, Format format, int period)
      throws IOException {
    var warnings = new Warnings();
    reader.addIIOReadWarningListener(warnings);
    var param = reader.getDefaultReadParam();
    if (format == Format.JPEG && period > 1) {
      param.setSourceSubsampling(period, period, period / 2, period / 2);
    }
    var image = reader.read(0, param);
    if (warnings.dataEndedEarly != null) {
      throw new IIOException(warnings.dataEndedEarly);
    }
    return image;
  }

  private static String reason(Exception e) {
    var message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private static String firstBytes(ByteBuffer file) {
    var hex = new StringBuilder();
    for (int i = 0; i < Math.min(8, file.limit()); i++) {
      hex.append(i == 0 ? "" : " ").append("%02x".formatted(file.get(i)));
    }
    return hex.toString();
  }

  /**
   * libjpeg fills up with grey and merely warns where a scan has less data than the header says.
   */
  private static final class Warnings implements IIOReadWarningListener {
    @Nullable String dataEndedEarly;

    @Override
    public void warningOccurred(ImageReader source, String warning) {
      if (warning.contains("premature end") || warning.contains("Premature end")) {
        dataEndedEarly = warning;
      }
    }
  }
}
