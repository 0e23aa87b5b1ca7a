package stream.adasim.standalone.labelled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.ingest.source.SourceException;
import stream.adasim.learner.decode.DecodeLimits;

class ImageSetTest {
  @TempDir Path folder;
  private Path photos;

  @BeforeEach
  void twoCamerasSeeTheSameThings() throws IOException {
    photos = folder.resolve("photos");
    for (String name : List.of("left/cat/1.png", "left/dog/1.png", "right/cat/1.png")) {
      Path file = photos.resolve(name);
      Files.createDirectories(file.getParent());
      ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    }
  }

  private ImageSet read() {
    return ImageSet.read(photos.toString(), 10, DecodeLimits.DEFAULT, 8);
  }

  @Test
  void thePlaceIsTheSourceUnlessAFolderIsAskedFor() {
    assertThat(read().images()).extracting(Example::source).containsOnly("photos");
    assertThat(read().withSources(0).images()).extracting(Example::source).containsOnly("photos");
    assertThat(read().withSources(2).images())
        .extracting(Example::source)
        .containsExactlyInAnyOrder("photos/left", "photos/left", "photos/right");
    assertThat(read().withSources(1).images())
        .extracting(Example::source)
        .containsExactlyInAnyOrder("photos/left/cat", "photos/left/dog", "photos/right/cat");
    assertThat(read().withSources(2).images())
        .extracting(Example::label)
        .containsExactlyInAnyOrder("cat", "dog", "cat");
  }

  @Test
  void imagesThatLieLessDeepAreNamed() {
    assertThatThrownBy(() -> read().withSources(4))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("1.png has fewer folders above it than data.source-folder=4");
  }
}
