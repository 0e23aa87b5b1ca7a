package stream.adasim.learner.trainer;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import stream.adasim.avro.Candidate;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.decode.Decoding;
import stream.adasim.learner.decode.Fingerprint;
import stream.adasim.learner.decode.ImageDecoder;
import stream.adasim.learner.decode.RgbImage;

/** Images of 12 x 10 pixels, {@code image-0} and so on, that a test draws; label-0 to label-3. */
final class DrawnImages {
  private final byte[][] contents;

  /**
   * @param drawing draws the image with a number
   */
  DrawnImages(int count, BiConsumer<Integer, Graphics2D> drawing) {
    contents = IntStream.range(0, count).mapToObj(i -> png(i, drawing)).toArray(byte[][]::new);
  }

  private static byte[] png(int i, BiConsumer<Integer, Graphics2D> drawing) {
    BufferedImage image = new BufferedImage(12, 10, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    drawing.accept(i, graphics);
    graphics.dispose();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  long fingerprint(int i) {
    return Fingerprint.of(ByteBuffer.wrap(contents[i]));
  }

  Candidate candidate(int i, float similarity) {
    return new Candidate("image-" + i, fingerprint(i), similarity, 1);
  }

  /** Puts all of them into the window of a training. */
  void fill(Training training) {
    fill(training, false);
  }

  /**
   * The same.
   *
   * @param decoded whether their pixels go with them
   */
  void fill(Training training, boolean decoded) {
    for (int i = 0; i < contents.length; i++) {
      training
          .window()
          .put(
              "image-" + i,
              contents[i],
              fingerprint(i),
              0,
              i,
              "test",
              "label-" + i % 4,
              0,
              decoded ? pixels(contents[i]) : null);
    }
  }

  private static RgbImage pixels(byte[] content) {
    return switch (new ImageDecoder(DecodeLimits.DEFAULT).decode(ByteBuffer.wrap(content), 8)) {
      case Decoding.Decoded(var image) -> image;
      case Decoding.Rejected(var reason) -> throw new AssertionError(reason);
    };
  }
}
