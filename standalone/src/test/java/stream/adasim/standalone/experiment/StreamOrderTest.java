package stream.adasim.standalone.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.decode.Decoding;
import stream.adasim.learner.decode.ImageDecoder;
import stream.adasim.learner.decode.RgbImage;
import stream.adasim.learner.trainer.OfflineImage;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet;

class StreamOrderTest {
  private static final List<Example> IMAGES =
      ImageSet.read("synthetic:60", 60, DecodeLimits.DEFAULT, 32).images();

  private static List<String> labels(StreamOrder order, long seed) {
    return order.arrivals(IMAGES, seed).stream()
        .map(image -> Objects.requireNonNull(image.label()))
        .toList();
  }

  @Test
  void classByClassHasNoClassTwiceAndAllImages() {
    List<String> labels = labels(StreamOrder.CLASS_BY_CLASS, 1);
    List<String> changes = new ArrayList<>();
    for (String label : labels) {
      if (changes.isEmpty() || !changes.getLast().equals(label)) {
        changes.add(label);
      }
    }

    assertThat(labels).hasSize(60);
    assertThat(changes).doesNotHaveDuplicates().hasSize(10);
    assertThat(labels(StreamOrder.CLASS_BY_CLASS, 2)).isNotEqualTo(labels);
  }

  @Test
  void shuffledMixesClasses() {
    assertThat(labels(StreamOrder.SHUFFLED, 1).subList(0, 20).stream().distinct().count())
        .isGreaterThan(4);
  }

  @Test
  void imagesComeEvenlyAndAllInTime() {
    assertThat(StreamOrder.AT_ONCE.arrived(100, 0, 10)).isEqualTo(100);
    assertThat(StreamOrder.SHUFFLED.arrived(100, 0, 10)).isEqualTo(10);
    assertThat(StreamOrder.SHUFFLED.arrived(100, 4, 10)).isEqualTo(50);
    assertThat(StreamOrder.SHUFFLED.arrived(100, 9, 10)).isEqualTo(100);
  }

  private static double mean(OfflineImage image) {
    double sum = 0;
    for (byte level : image.pixels().pixels()) {
      sum += level & 0xff;
    }
    return sum / image.pixels().pixels().length;
  }

  /** Mean difference of horizontal neighbours. */
  private static double edges(OfflineImage image) {
    byte[] pixels = image.pixels().pixels();
    double sum = 0;
    for (int i = 3; i < pixels.length; i++) {
      sum += Math.abs((pixels[i] & 0xff) - (pixels[i - 3] & 0xff));
    }
    return sum / pixels.length;
  }

  @Test
  void brightnessRisesAndEdgesSoften() {
    List<OfflineImage> bright = StreamOrder.BRIGHTNESS.arrivals(IMAGES, 1);
    List<OfflineImage> blurred = StreamOrder.BLUR.arrivals(IMAGES, 1);
    List<OfflineImage> plain = StreamOrder.SHUFFLED.arrivals(IMAGES, 1);

    assertThat(mean(bright.getFirst())).isLessThan(0.6 * mean(plain.getFirst()));
    assertThat(mean(bright.getLast())).isGreaterThan(1.1 * mean(plain.getLast()));
    assertThat(blurred.getFirst().pixels().pixels()).isEqualTo(plain.getFirst().pixels().pixels());
    assertThat(edges(blurred.getLast())).isLessThan(0.7 * edges(plain.getLast()));
    assertThat(mean(blurred.getLast()) / mean(plain.getLast())).isBetween(0.97, 1.03);
  }

  /** Half a turn about the grey axis takes pure red to (-1, 2, 2) / 3 of it, cut off at 0. */
  @Test
  void hueTurnsAboutTheGreyAxis() {
    Example image = IMAGES.getFirst();
    byte[] red = new byte[image.pixels().pixels().length];
    for (int i = 0; i < red.length; i += 3) {
      red[i] = (byte) 150;
    }
    Example pure =
        new Example(
            "red",
            new byte[0],
            new RgbImage(image.pixels().width(), image.pixels().height(), red),
            "test",
            "red",
            image.capturedAt());

    byte[] turned = Drift.hue(pure, Math.PI).pixels().pixels();

    assertThat(turned[0] & 0xff).isZero();
    assertThat(turned[1] & 0xff).isEqualTo(100);
    assertThat(turned[2] & 0xff).isEqualTo(100);
  }

  @Test
  void whatIsEncodedIsWhatIsTrainedOn() {
    OfflineImage image = StreamOrder.COLOUR.arrivals(IMAGES, 1).get(30);

    assertThat(new ImageDecoder(DecodeLimits.DEFAULT).decode(ByteBuffer.wrap(image.bytes()), 32))
        .isInstanceOfSatisfying(
            Decoding.Decoded.class,
            decoded -> assertThat(decoded.image().pixels()).isEqualTo(image.pixels().pixels()));
  }
}
