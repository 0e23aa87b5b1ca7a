package stream.adasim.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static stream.adasim.ingest.source.Samples.MAX_BYTES;
import static stream.adasim.ingest.source.Samples.file;
import static stream.adasim.ingest.source.Samples.gzip;
import static stream.adasim.ingest.source.Samples.idxImages;
import static stream.adasim.ingest.source.Samples.idxLabels;
import static stream.adasim.ingest.source.Samples.images;
import static stream.adasim.ingest.source.Samples.names;
import static stream.adasim.ingest.source.Samples.shuffled;
import static stream.adasim.ingest.source.Samples.stored;
import static stream.adasim.ingest.source.Samples.unreadable;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdxFileTest {
  @TempDir private Path temp;

  private Source source(boolean gzipped, byte[] bytes) throws IOException {
    String name = "t10k-images-idx3-ubyte" + (gzipped ? ".gz" : "");
    return Sources.of(file(temp, name, gzipped ? gzip(bytes) : bytes), MAX_BYTES);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void makesAPngOfEachImageAndTakesTheLabelsBesideIt(boolean gzipped) throws IOException {
    file(temp, "t10k-labels-idx1-ubyte", idxLabels(8));
    Source source = source(gzipped, idxImages(8, 8));

    List<SourceImage> images = images(stored(source));

    assertThat(images).hasSize(8);
    assertThat(source.count()).hasValue(8);
    for (int i = 0; i < 8; i++) {
      SourceImage image = images.get(i);
      assertThat(image.id()).isEqualTo(source.name() + "#" + i);
      assertThat(image.label()).isEqualTo(Integer.toString(9 - i));
      assertThat(image.mediaType()).isEqualTo("image/png");
      BufferedImage decoded = Samples.decode(image);
      assertThat(decoded.getRaster().getPixels(0, 0, 2, 2, (int[]) null)).containsOnly(i);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shufflesImagesTogetherWithTheirLabels(boolean gzipped) throws IOException {
    file(temp, "t10k-labels-idx1-ubyte.gz", gzip(idxLabels(8)));
    Source source = source(gzipped, idxImages(8, 8));

    List<Item> once = shuffled(source, 3);

    assertThat(names(once))
        .isNotEqualTo(names(stored(source)))
        .containsExactlyInAnyOrderElementsOf(names(stored(source)));
    assertThat(once).containsExactlyInAnyOrderElementsOf(stored(source));
    assertThat(names(shuffled(source, 3))).isEqualTo(names(once));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sendsImagesWithoutLabelsWhereThereAreNone(boolean gzipped) throws IOException {
    assertThat(images(stored(source(gzipped, idxImages(3, 3)))))
        .hasSize(3)
        .allSatisfy(image -> assertThat(image.label()).isNull());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsACutOffFileUpToTheCutAndNamesItOnce(boolean gzipped) throws IOException {
    byte[] cut = Arrays.copyOf(idxImages(8, 5), 16 + 4 * 5 - 1);
    Source source = source(gzipped, cut);

    for (List<Item> items : List.of(stored(source), shuffled(source, 1))) {
      assertThat(images(items)).hasSize(4);
      assertThat(unreadable(items))
          .singleElement()
          .satisfies(item -> assertThat(item.reason()).contains("4 of 8"));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void refusesLabelsOfAnotherFile(boolean gzipped) throws IOException {
    file(temp, "t10k-labels-idx1-ubyte", idxLabels(7));

    List<Item> items = stored(source(gzipped, idxImages(8, 8)));

    assertThat(items)
        .singleElement()
        .isInstanceOfSatisfying(
            Unreadable.class,
            item -> assertThat(item.reason()).contains("t10k-labels-idx1-ubyte", "7", "8"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void namesAFileWhoseHeaderMakesNoSense(boolean gzipped) throws IOException {
    byte[] bytes = idxImages(8, 8);
    bytes[8] = (byte) 0xff; // a negative number of rows

    assertThat(unreadable(stored(source(gzipped, bytes)))).hasSize(1);
  }
}
