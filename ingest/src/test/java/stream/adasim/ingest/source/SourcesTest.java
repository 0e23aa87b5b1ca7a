package stream.adasim.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.ingest.source.Samples.MAX_BYTES;
import static stream.adasim.ingest.source.Samples.file;
import static stream.adasim.ingest.source.Samples.gzip;
import static stream.adasim.ingest.source.Samples.idxImages;
import static stream.adasim.ingest.source.Samples.idxLabels;
import static stream.adasim.ingest.source.Samples.png;
import static stream.adasim.ingest.source.Samples.stored;
import static stream.adasim.ingest.source.Samples.tar;
import static stream.adasim.ingest.source.Samples.text;
import static stream.adasim.ingest.source.Samples.zip;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SourcesTest {
  @TempDir private Path temp;

  private Source of(String name, byte[] bytes) throws IOException {
    return Sources.of(file(temp, name, bytes), MAX_BYTES);
  }

  @Test
  void tellsSourcesByWhatTheyHoldWhateverTheirNames() throws IOException {
    byte[] tar = tar(new Samples.Entry("a.png", png(1)));
    assertThat(of("one", tar))
        .isEqualTo(new Archive(temp.resolve("one"), Archive.Format.TAR, MAX_BYTES));
    assertThat(of("two", gzip(tar)))
        .isEqualTo(new Archive(temp.resolve("two"), Archive.Format.TAR_GZ, MAX_BYTES));
    assertThat(of("three.tar", zip(new Samples.Entry("a.png", png(1)))))
        .isEqualTo(new Archive(temp.resolve("three.tar"), Archive.Format.ZIP, MAX_BYTES));
    assertThat(of("four", idxImages(1, 1)))
        .isEqualTo(new IdxFile(temp.resolve("four"), false, MAX_BYTES));
    assertThat(of("five", gzip(idxImages(1, 1))))
        .isEqualTo(new IdxFile(temp.resolve("five"), true, MAX_BYTES));
    assertThat(of("six.zip", png(1))).isInstanceOf(ImageFile.class);
    assertThat(Sources.of(temp, MAX_BYTES)).isEqualTo(new Folder(temp, MAX_BYTES));
  }

  @Test
  void saysInOneLineWhatIsWrongWithAPath() throws IOException {
    file(temp, "labels", idxLabels(3));
    file(temp, "text.gz", gzip(text("hello")));
    file(temp, "notes.txt", text("hello"));

    assertRefused("nowhere", "there is no such file or folder");
    assertRefused("labels", "holds labels, not images");
    assertRefused("text.gz", "is no image source");
    assertRefused("notes.txt", "is no image source");
  }

  private void assertRefused(String name, String reason) {
    assertThatThrownBy(() -> Sources.of(temp.resolve(name), MAX_BYTES))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(reason)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void sendsASingleImageUnderItsPath() throws IOException {
    Source image = of("a/b c.png", png(4));

    Item only = stored(image).getFirst();

    assertThat(only).isInstanceOf(SourceImage.class);
    assertThat(only.name()).isEqualTo(temp.resolve("a/b c.png").toString().substring(1));
  }
}
