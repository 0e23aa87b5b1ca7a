package stream.adasim.learner.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class BaselineJpegTest {
  private static final String METADATA = "javax_imageio_jpeg_image_1.0";

  /** Edges, gradients and noise, so that all coefficients come up and samples are clipped. */
  private static BufferedImage picture(int width, int height, int type, long seed) {
    var random = new SplittableRandom(seed);
    int edge = random.nextInt(width + 1);
    return Encoded.image(
        width,
        height,
        type,
        (x, y) -> {
          int red = x < edge ? 255 : 5 * y;
          int green = 3 * x + 2 * y + random.nextInt(40);
          int blue = x > y ? 0 : 200 + random.nextInt(56);
          return 0xFF000000 | (red & 0xFF) << 16 | (green & 0xFF) << 8 | blue;
        });
  }

  /** JPEG with luma sampled so many times as often as the colours. */
  private static byte[] jpeg(
      BufferedImage image, int across, int down, int restart, boolean progressive, float quality)
      throws IOException {
    var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    var param = writer.getDefaultWriteParam();
    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    param.setCompressionQuality(quality);
    if (progressive) {
      param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    }
    var metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), param);
    var tree = (Element) metadata.getAsTree(METADATA);
    if (image.getType() != BufferedImage.TYPE_BYTE_GRAY) {
      var luma = (Element) tree.getElementsByTagName("componentSpec").item(0);
      luma.setAttribute("HsamplingFactor", Integer.toString(across));
      luma.setAttribute("VsamplingFactor", Integer.toString(down));
    }
    if (restart > 0) {
      var node = new IIOMetadataNode("dri");
      node.setAttribute("interval", Integer.toString(restart));
      var sequence = tree.getElementsByTagName("markerSequence").item(0);
      sequence.insertBefore(node, sequence.getFirstChild());
    }
    metadata.setFromTree(METADATA, tree);
    var out = new ByteArrayOutputStream();
    try (var stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, metadata), param);
    }
    writer.dispose();
    return out.toByteArray();
  }

  private static @Nullable RgbImage decode(byte[] file, int scale) {
    var header = JpegHeader.read(ByteBuffer.wrap(file));
    return header == null ? null : BaselineJpeg.decode(ByteBuffer.wrap(file), header, scale);
  }

  private static RgbImage decoded(byte[] file, int scale) {
    var image = decode(file, scale);
    assertThat(image).isNotNull();
    return image == null ? new RgbImage(1, 1, new byte[3]) : image;
  }

  private static byte[] reference(byte[] file) throws IOException {
    return Pixels.of(ImageIO.read(new ByteArrayInputStream(file)));
  }

  /**
   * Why ImageIO, which is libjpeg, can't make a whole image of a file, or null where it can: that
   * bytes are left over, for one, does not matter.
   */
  private static @Nullable String fault(byte[] file) {
    // the JDK's own: TwelveMonkeys', in front of it, also minds what pixels do not depend on
    var readers = new ArrayList<ImageReader>();
    ImageIO.getImageReadersByFormatName("jpeg").forEachRemaining(readers::add);
    var reader = readers.getLast();
    assertThat(reader.getClass().getName()).startsWith("com.sun.");
    try (var input = new BufferInput(ByteBuffer.wrap(file))) {
      var warnings = new ArrayList<String>();
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      reader.setInput(input, true, true);
      reader.read(0);
      return warnings.stream().filter(one -> one.contains("remature end")).findFirst().orElse(null);
    } catch (IOException | RuntimeException e) {
      return e.toString();
    } finally {
      reader.dispose();
    }
  }

  private static List<byte[]> allKinds(int width, int height, long seed) throws IOException {
    var colour = picture(width, height, BufferedImage.TYPE_INT_RGB, seed);
    var grey = picture(width, height, BufferedImage.TYPE_BYTE_GRAY, seed);
    return List.of(
        jpeg(colour, 2, 2, 0, false, 0.75f),
        jpeg(colour, 2, 2, 3, false, 0.95f),
        jpeg(colour, 2, 1, 0, false, 0.4f),
        jpeg(colour, 1, 1, 0, false, 1),
        jpeg(grey, 1, 1, 2, false, 0.8f));
  }

  @Test
  void givesThePixelsThatLibjpegGives() throws IOException {
    int[][] sizes = {{5, 1}, {8, 8}, {16, 17}, {31, 33}, {32, 32}, {61, 40}, {133, 70}};
    for (var size : sizes) {
      var files = allKinds(size[0], size[1], 7);
      for (int kind = 0; kind < files.size(); kind++) {
        var image = decoded(files.get(kind), 1);
        assertThat(image.width()).isEqualTo(size[0]);
        assertThat(image.height()).isEqualTo(size[1]);
        assertThat(image.pixels())
            .as("%d x %d, kind %d", size[0], size[1], kind)
            .isEqualTo(reference(files.get(kind)));
      }
    }
  }

  @Test
  void aSmallerImageIsTheFullOneAveraged() throws IOException {
    // 100 is no multiple of a block: the last pixels average what the image has of their square
    var smooth =
        Encoded.image(
            100,
            52,
            BufferedImage.TYPE_INT_RGB,
            (x, y) -> (2 * x) << 16 | (4 * y) << 8 | (255 - x - y));
    for (int sampling = 1; sampling <= 2; sampling++) {
      var file = jpeg(smooth, sampling, sampling, 0, false, 0.98f);
      var full = decoded(file, 1);
      for (int scale : new int[] {2, 4, 8}) {
        var small = decoded(file, scale);
        assertThat(small.width()).isEqualTo((100 + scale - 1) / scale);
        assertThat(small.height()).isEqualTo((52 + scale - 1) / scale);
        for (int y = 0; y < 52 / scale; y++) {
          for (int x = 0; x < 100 / scale; x++) {
            for (int c = 0; c < 3; c++) {
              int found = small.pixels()[3 * (y * small.width() + x) + c] & 0xFF;
              assertThat((double) found)
                  .as("scale %d, (%d, %d), channel %d", scale, x, y, c)
                  .isCloseTo(mean(full, scale, x, y, c), within(6.0));
            }
          }
        }
      }
    }
  }

  private static double mean(RgbImage full, int scale, int x, int y, int channel) {
    double sum = 0;
    for (int v = 0; v < scale; v++) {
      for (int u = 0; u < scale; u++) {
        int at = (y * scale + v) * full.width() + x * scale + u;
        sum += full.pixels()[3 * at + channel] & 0xFF;
      }
    }
    return sum / scale / scale;
  }

  @Test
  void leavesUnusualKindsToOthers() throws IOException {
    var colour = picture(40, 40, BufferedImage.TYPE_INT_RGB, 1);
    assertThat(JpegHeader.read(ByteBuffer.wrap(jpeg(colour, 2, 2, 0, true, 0.75f)))).isNull();
    assertThat(JpegHeader.read(ByteBuffer.wrap(jpeg(colour, 1, 2, 0, false, 0.75f)))).isNull();
    assertThat(JpegHeader.read(ByteBuffer.wrap(Encoded.JPEG_CMYK))).isNull();
  }

  @Test
  void takesNothingThatLibjpegFindsDamaged() throws IOException {
    long seed = 11;
    var random = new Random(seed);
    int taken = 0;
    for (var file : allKinds(33, 20, 3)) {
      for (int i = 0; i < 1_500; i++) {
        var damaged = file.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          damaged[3 + random.nextInt(damaged.length - 3)] = (byte) random.nextInt();
        }
        var found = Structure.fault(Format.JPEG, ByteBuffer.wrap(damaged));
        if (found == null && decode(damaged, 1) != null) {
          taken++;
          // pixels may differ: libjpeg wraps levels that are absurdly out of range
          assertThat(fault(damaged)).as("seed %d, round %d", seed, i).isNull();
        }
      }
    }
    assertThat(taken).isGreaterThan(100);
  }

  @Test
  void refusesAHeaderThatClaimsMoreThanTheDataCanHold() throws IOException {
    var file = jpeg(picture(64, 64, BufferedImage.TYPE_INT_RGB, 1), 2, 2, 0, false, 0.75f);
    var header = JpegHeader.read(ByteBuffer.wrap(file));
    assertThat(header).isNotNull();
    if (header != null) {
      var bomb = new JpegHeader(60_000, 60_000, header.components(), 0, header.scan());
      assertThat(BaselineJpeg.decode(ByteBuffer.wrap(file), bomb, 1)).isNull();
    }
  }

  @Test
  void takesNoTruncatedFile() throws IOException {
    for (var file : allKinds(24, 24, 5)) {
      var header = JpegHeader.read(ByteBuffer.wrap(file));
      for (int length = 0; header != null && length < file.length - 2; length++) {
        var cut = Arrays.copyOf(file, length);
        // a file may end within the bits that fill up its last byte
        assertThat(length < file.length - 3 && decode(cut, 1) != null)
            .as("%d bytes", length)
            .isFalse();
      }
    }
  }
}
