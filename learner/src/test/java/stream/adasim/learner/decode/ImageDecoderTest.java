package stream.adasim.learner.decode;

import static java.awt.image.BufferedImage.TYPE_4BYTE_ABGR;
import static java.awt.image.BufferedImage.TYPE_BYTE_GRAY;
import static java.awt.image.BufferedImage.TYPE_BYTE_INDEXED;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.learner.decode.Decoding.Decoded;
import stream.adasim.learner.decode.Decoding.Rejected;

class ImageDecoderTest {
  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULT);

  private RgbImage decoded(byte[] file) {
    return decoded(decoder.decode(ByteBuffer.wrap(file)));
  }

  private static RgbImage decoded(Decoding decoding) {
    return switch (decoding) {
      case Decoded(var image) -> image;
      case Rejected(var reason) -> throw new AssertionError("Rejected: " + reason);
    };
  }

  private String rejection(byte[] file) {
    return switch (decoder.decode(ByteBuffer.wrap(file))) {
      case Decoded(var image) ->
          throw new AssertionError("Decoded: " + image.width() + " x " + image.height());
      case Rejected(var reason) -> reason;
    };
  }

  private static int[] pixel(RgbImage image, int x, int y) {
    int at = 3 * (y * image.width() + x);
    return IntStream.range(at, at + 3).map(i -> image.pixels()[i] & 0xFF).toArray();
  }

  private static void assertPixel(RgbImage image, int x, int y, int tolerance, int... rgb) {
    var found = pixel(image, x, y);
    for (int c = 0; c < 3; c++) {
      assertThat(found[c])
          .as("(%d, %d) is %s, expected %s", x, y, Arrays.toString(found), Arrays.toString(rgb))
          .isCloseTo(rgb[c], within(tolerance));
    }
  }

  private static int pattern(int x, int y) {
    return (10 * x & 0xFF) << 16 | (20 * y & 0xFF) << 8 | (x * y & 0xFF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void keepsEveryPixelOfLosslessFormats(String format) throws IOException {
    var image = decoded(Encoded.encode(format, Encoded.rgb(12, 7, ImageDecoderTest::pattern)));
    assertThat(image.width()).isEqualTo(12);
    assertThat(image.height()).isEqualTo(7);
    for (int y = 0; y < 7; y++) {
      for (int x = 0; x < 12; x++) {
        assertPixel(image, x, y, 0, 10 * x, 20 * y, x * y);
      }
    }
  }

  @Test
  void decodesWebpAndCmykJpeg() {
    for (var file : List.of(Encoded.WEBP_LOSSLESS, Encoded.WEBP_LOSSY, Encoded.JPEG_CMYK)) {
      var image = decoded(file);
      assertThat(image.width()).isEqualTo(16);
      assertThat(image.height()).isEqualTo(8);
      int tolerance = Arrays.equals(file, Encoded.WEBP_LOSSLESS) ? 0 : 12;
      assertPixel(image, 2, 2, tolerance, 200, 40, 40);
      assertPixel(image, 13, 5, tolerance, 30, 60, 210);
    }
  }

  @Test
  void takesGreySamplesAsTheyAre() throws IOException {
    // Java's own conversion would take 128 for linear light and make it 188
    var grey = Encoded.image(8, 8, TYPE_BYTE_GRAY, (x, y) -> 0);
    for (int i = 0; i < 64; i++) {
      grey.getRaster().setSample(i % 8, i / 8, 0, 128);
    }
    assertPixel(decoded(Encoded.encode("png", grey)), 3, 3, 0, 128, 128, 128);
    assertPixel(decoded(Encoded.encode("jpeg", grey)), 3, 3, 1, 128, 128, 128);
  }

  @Test
  void scalesSixteenBitsDownToEight() {
    var image = decoded(Encoded.PNG_GREY_16);
    assertPixel(image, 0, 0, 0, 128, 128, 128); // 0x8080 / 257
    assertPixel(image, 1, 0, 0, 255, 255, 255);
  }

  @Test
  void putsTransparentPartsOverWhite() throws IOException {
    var image =
        decoded(
            Encoded.encode(
                "png",
                Encoded.image(
                    3,
                    1,
                    TYPE_4BYTE_ABGR,
                    (x, y) -> new int[] {0x00123456, 0x80FF0000, 0xFF0A0B0C}[x])));
    assertPixel(image, 0, 0, 0, 255, 255, 255);
    assertPixel(image, 1, 0, 0, 255, 127, 127); // 255 * (1 - 128 / 255)
    assertPixel(image, 2, 0, 0, 10, 11, 12);
  }

  @Test
  void putsTheTransparentColourOfAPngOverWhite() {
    var image = decoded(Encoded.PNG_TRANSPARENT_COLOUR);
    assertPixel(image, 0, 0, 0, 255, 255, 255);
    assertPixel(image, 1, 0, 0, 255, 0, 0);
  }

  @Test
  void looksPalettesUp() throws IOException {
    var image =
        decoded(
            Encoded.encode(
                "png",
                Encoded.image(4, 1, TYPE_BYTE_INDEXED, (x, y) -> x < 2 ? 0xFFFF0000 : 0xFF0000FF)));
    assertPixel(image, 0, 0, 0, 255, 0, 0);
    assertPixel(image, 3, 0, 0, 0, 0, 255);
  }

  @Test
  void takesTheFirstFrameOfAnAnimation() throws IOException {
    var red = Encoded.image(6, 5, TYPE_BYTE_INDEXED, (x, y) -> 0xFFFF0000);
    var blue = Encoded.image(6, 5, TYPE_BYTE_INDEXED, (x, y) -> 0xFF0000FF);
    assertPixel(decoded(Encoded.gif(List.of(red, blue))), 3, 3, 0, 255, 0, 0);
  }

  @Test
  void turnsJpegsUprightAsExifAsks() throws IOException {
    // red, green / blue, white, in blocks that JPEG keeps apart
    var jpeg =
        Encoded.encode(
            "jpeg",
            Encoded.rgb(
                32,
                16,
                (x, y) -> y < 8 ? (x < 16 ? 0xFF0000 : 0x00FF00) : x < 16 ? 0x0000FF : 0xFFFFFF));
    // CIPA DC-008, orientation: where row 0 and column 0 of the stored image are to be seen.
    // Corners after turning, from top left in reading order.
    var corners = List.of("RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB");
    for (int orientation = 1; orientation <= 8; orientation++) {
      for (boolean littleEndian : new boolean[] {true, false}) {
        var image = decoded(Encoded.oriented(jpeg, orientation, littleEndian));
        assertThat(image.width()).as("width %d", orientation).isEqualTo(orientation < 5 ? 32 : 16);
        assertThat(image.height())
            .as("height %d", orientation)
            .isEqualTo(orientation < 5 ? 16 : 32);
        int right = image.width() - 3;
        int bottom = image.height() - 3;
        var found =
            colour(image, 2, 2)
                + colour(image, right, 2)
                + colour(image, 2, bottom)
                + colour(image, right, bottom);
        assertThat(found).as("orientation %d", orientation).isEqualTo(corners.get(orientation - 1));
      }
    }
  }

  private static String colour(RgbImage image, int x, int y) {
    var rgb = pixel(image, x, y);
    if (rgb[0] > 128) {
      return rgb[1] > 128 ? "W" : "R";
    }
    return rgb[1] > 128 ? "G" : "B";
  }

  @Test
  void ignoresAnExifBlockThatMakesNoSense() throws IOException {
    var jpeg = Encoded.encode("jpeg", Encoded.rgb(16, 8, ImageDecoderTest::pattern));
    assertThat(decoded(Encoded.oriented(jpeg, 9, true)).width()).isEqualTo(16);
    var broken = Encoded.oriented(jpeg, 6, true);
    broken[2 + 4 + 6 + 4] = 120; // the directory's offset, beyond the block
    assertThat(decoded(broken).width()).isEqualTo(16);
  }

  @Test
  void rejectsImageWhoseHeaderClaimsTooManyPixels() {
    assertThat(rejection(Encoded.pngHeader(60_000, 60_000)))
        .isEqualTo(
            "too many pixels: the header claims 60,000 x 60,000, at most 50,000,000 are taken");
  }

  @Test
  void rejectsFilesThatAreTooLarge() throws IOException {
    var file = Encoded.encode("png", Encoded.rgb(12, 7, ImageDecoderTest::pattern));
    var strict = new ImageDecoder(new DecodeLimits(100, file.length - 1));
    assertThat(strict.decode(ByteBuffer.wrap(file)))
        .isEqualTo(
            new Rejected(
                "too large: %d bytes, at most %d are taken"
                    .formatted(file.length, file.length - 1)));
  }

  @Test
  void rejectsWhatIsNoImage() {
    assertThat(rejection(new byte[0])).isEqualTo("empty: no bytes");
    assertThat(rejection("hello, world".getBytes(US_ASCII)))
        .isEqualTo(
            "not an image: starts with 68 65 6c 6c 6f 2c 20 77, expected JPEG, PNG, GIF, BMP or WebP");
    assertThat(rejection(Encoded.pngHeader(4, 4))).startsWith("undecodable PNG: ");
  }

  @Test
  void rejectsEveryTruncation() throws IOException {
    var picture = Encoded.rgb(16, 16, ImageDecoderTest::pattern);
    var indexed = Encoded.image(16, 16, TYPE_BYTE_INDEXED, (x, y) -> pattern(x, y) | 0xFF000000);
    for (var file :
        List.of(
            Encoded.encode("jpeg", picture),
            Encoded.encode("png", picture),
            Encoded.encode("bmp", picture),
            Encoded.WEBP_LOSSLESS,
            Encoded.WEBP_LOSSY,
            Encoded.JPEG_CMYK)) {
      decoded(file);
      for (int length = 0; length < file.length; length++) {
        assertThat(rejection(Arrays.copyOf(file, length))).isNotBlank();
      }
    }
    var gif = Encoded.encode("gif", indexed);
    decoded(gif);
    for (int length = 0; length < gif.length - 1; length++) { // without its trailer it is whole
      assertThat(rejection(Arrays.copyOf(gif, length))).isNotBlank();
    }
  }

  @Test
  void saysThatAFileIsTruncated() throws IOException {
    var jpeg = Encoded.encode("jpeg", Encoded.rgb(64, 64, ImageDecoderTest::pattern));
    assertThat(rejection(Arrays.copyOf(jpeg, jpeg.length / 2 + 300)))
        .isEqualTo(
            "truncated: the JPEG ends after %d bytes without its end-of-image marker"
                .formatted(jpeg.length / 2 + 300));
  }

  @Test
  void rejectsAJpegWhoseHeaderClaimsMoreThanItHolds() throws IOException {
    var jpeg = Encoded.encode("jpeg", Encoded.rgb(64, 64, ImageDecoderTest::pattern));
    int frame = 0;
    while ((jpeg[frame] & 0xFF) != 0xFF || (jpeg[frame + 1] & 0xFF) != 0xC0) {
      frame++;
    }
    jpeg[frame + 5] = 4; // height 64 -> 1088
    assertThat(rejection(jpeg)).startsWith("undecodable JPEG: ").contains("premature end");
  }

  @Test
  void neverThrowsForDamagedData() throws IOException {
    var picture = Encoded.rgb(16, 16, ImageDecoderTest::pattern);
    var seed = 42L;
    var random = new Random(seed);
    var small = new ImageDecoder(new DecodeLimits(1 << 16, 1 << 16));
    for (var file :
        List.of(
            Encoded.encode("jpeg", picture),
            Encoded.encode("png", picture),
            Encoded.encode("gif", picture),
            Encoded.encode("bmp", picture),
            Encoded.WEBP_LOSSLESS,
            Encoded.WEBP_LOSSY,
            Encoded.JPEG_CMYK)) {
      for (int i = 0; i < 300; i++) {
        var damaged = file.clone();
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        assertThat(small.decode(ByteBuffer.wrap(damaged))).as("seed %d", seed).isNotNull();
      }
    }
  }

  @Test
  void scalesLargeJpegsAsFarAsTheTargetAllows() throws IOException {
    var jpeg =
        Encoded.encode("jpeg", Encoded.rgb(1200, 900, (x, y) -> x < 600 ? 0xC02828 : 0x1E3CD2));
    var small = decoded(decoder.decode(ByteBuffer.wrap(jpeg), 32));
    // 900 / (2 * 32) = 14: an eighth
    assertThat(small.width()).isEqualTo(150);
    assertThat(small.height()).isEqualTo(113);
    assertPixel(small, 20, 20, 6, 0xC0, 0x28, 0x28);
    assertPixel(small, 130, 100, 6, 0x1E, 0x3C, 0xD2);
    assertThat(decoded(decoder.decode(ByteBuffer.wrap(jpeg), 224)).height()).isEqualTo(450);
    assertThat(decoded(jpeg).width()).isEqualTo(1200);
  }

  @Test
  void subsamplesLargeJpegsOfOtherKindsAsFarAsTheTargetAllows() throws IOException {
    var jpeg = Encoded.progressive(Encoded.rgb(1200, 900, (x, y) -> x < 600 ? 0xC02828 : 0x1E3CD2));
    var small = decoded(decoder.decode(ByteBuffer.wrap(jpeg), 32));
    // 900 / (4 * 32) = 7.03: every 7th pixel, from the 3rd on
    assertThat(small.width()).isEqualTo(171);
    assertThat(small.height()).isEqualTo(129);
    assertPixel(small, 20, 20, 6, 0xC0, 0x28, 0x28);
    assertPixel(small, 150, 100, 6, 0x1E, 0x3C, 0xD2);
    assertThat(decoded(decoder.decode(ByteBuffer.wrap(jpeg), 224)).height()).isEqualTo(900);
    assertThat(decoded(jpeg).width()).isEqualTo(1200);
  }

  @Test
  void takesAnyBufferAndLeavesItAlone() throws IOException {
    var file = Encoded.encode("png", Encoded.rgb(12, 7, ImageDecoderTest::pattern));
    var direct = ByteBuffer.allocateDirect(file.length + 9).position(5);
    direct.put(file).limit(5 + file.length).position(5);
    assertThat(decoded(decoder.decode(direct.asReadOnlyBuffer())).pixels())
        .isEqualTo(decoded(file).pixels());
    assertThat(direct.position()).isEqualTo(5);
  }

  @Test
  void decodesOnSeveralThreadsAtOnce() throws Exception {
    var jpeg = Encoded.encode("jpeg", Encoded.rgb(64, 48, ImageDecoderTest::pattern));
    var expected = decoded(jpeg).pixels();
    try (var threads = Executors.newFixedThreadPool(4)) {
      var all = threads.invokeAll(Collections.nCopies(100, () -> decoded(jpeg).pixels()));
      for (var one : all) {
        assertThat(one.get()).isEqualTo(expected);
      }
    }
  }
}
