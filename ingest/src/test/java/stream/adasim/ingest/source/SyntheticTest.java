package stream.adasim.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.ingest.source.Samples.images;
import static stream.adasim.ingest.source.Samples.shuffled;
import static stream.adasim.ingest.source.Samples.stored;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SyntheticTest {

  @Test
  void drawsImageITheSameWhateverTheCountAndTheOrder() {
    List<SourceImage> few = images(stored(new Synthetic(25, 48, 7)));
    List<SourceImage> many = images(stored(new Synthetic(60, 48, 7)));

    assertThat(many.subList(0, 25)).isEqualTo(few);
    assertThat(shuffled(new Synthetic(25, 48, 7), 3)).containsExactlyInAnyOrderElementsOf(few);
    assertThat(few.get(11).id()).isEqualTo("synthetic/7/11");
  }

  @Test
  void drawsOtherImagesFromAnotherSeed() {
    Set<Object> seen = new HashSet<>();
    for (long seed = 0; seed < 5; seed++) {
      images(stored(new Synthetic(40, 32, seed))).forEach(image -> seen.add(image.bytes()));
    }

    assertThat(seen).hasSize(200);
  }

  @Test
  void holdsEveryClassOnceInEachTen() {
    List<SourceImage> images = images(stored(new Synthetic(200, 32, 1)));

    Set<List<String>> orders = new HashSet<>();
    for (int block = 0; block < 20; block++) {
      List<String> labels = new ArrayList<>();
      images.subList(block * 10, block * 10 + 10).forEach(image -> labels.add(image.label()));
      assertThat(labels).doesNotHaveDuplicates().hasSize(10);
      orders.add(labels);
    }
    assertThat(orders).hasSizeGreaterThan(15);
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 96})
  void drawsPngFilesOfTheSizeAskedFor(int size) throws IOException {
    for (SourceImage image : images(stored(new Synthetic(20, size, 5)))) {
      BufferedImage decoded = Samples.decode(image);
      assertThat(decoded.getWidth()).isEqualTo(size);
      assertThat(decoded.getHeight()).isEqualTo(size);
      assertThat(image.mediaType()).isEqualTo("image/png");
    }
  }

  @Test
  void isNotSolvedByComparingPixels() throws IOException {
    int train = 800;
    int test = 150;
    List<double[]> pixels = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (SourceImage image : images(stored(new Synthetic(train + test, 32, 9)))) {
      pixels.add(unit(image));
      labels.add(image.label());
    }

    int right = 0;
    for (int i = train; i < train + test; i++) {
      double[] query = pixels.get(i);
      Map<Integer, Double> similarity = new HashMap<>();
      for (int j = 0; j < train; j++) {
        similarity.put(j, dot(query, pixels.get(j)));
      }
      Map<String, Long> votes =
          similarity.entrySet().stream()
              .sorted(Map.Entry.<Integer, Double>comparingByValue().reversed())
              .limit(5)
              .collect(Collectors.groupingBy(e -> labels.get(e.getKey()), Collectors.counting()));
      String voted = votes.entrySet().stream().max(Map.Entry.comparingByValue()).get().getKey();
      right += voted.equals(labels.get(i)) ? 1 : 0;
    }

    assertThat(right / (double) test).as("cosine 5-NN of raw pixels").isLessThan(0.4);
  }

  @Test
  void refusesSizesAndCountsOutOfRange() {
    assertThatThrownBy(() -> new Synthetic(1, 31, 0)).hasMessageContaining("32..96");
    assertThatThrownBy(() -> new Synthetic(1, 97, 0)).hasMessageContaining("32..96");
    assertThatThrownBy(() -> new Synthetic(0, 32, 0)).hasMessageContaining("at least 1");
  }

  /** Pixels less their mean, as a unit vector. */
  private static double[] unit(SourceImage image) throws IOException {
    BufferedImage decoded = Samples.decode(image);
    double[] pixels = decoded.getRaster().getPixels(0, 0, 32, 32, (double[]) null);
    double mean = 0;
    for (double pixel : pixels) {
      mean += pixel / pixels.length;
    }
    double squares = 0;
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] -= mean;
      squares += pixels[i] * pixels[i];
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] /= Math.sqrt(squares);
    }
    return pixels;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
