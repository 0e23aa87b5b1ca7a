package stream.adasim.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static stream.adasim.ingest.source.Samples.MAX_BYTES;
import static stream.adasim.ingest.source.Samples.file;
import static stream.adasim.ingest.source.Samples.gzip;
import static stream.adasim.ingest.source.Samples.images;
import static stream.adasim.ingest.source.Samples.names;
import static stream.adasim.ingest.source.Samples.png;
import static stream.adasim.ingest.source.Samples.shuffled;
import static stream.adasim.ingest.source.Samples.stored;
import static stream.adasim.ingest.source.Samples.tar;
import static stream.adasim.ingest.source.Samples.text;
import static stream.adasim.ingest.source.Samples.unreadable;
import static stream.adasim.ingest.source.Samples.zip;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import stream.adasim.ingest.source.Archive.Format;
import stream.adasim.ingest.source.Samples.Entry;

final class ArchiveTest {
  @TempDir private Path temp;

  private Source archive(Format format, Entry... entries) throws IOException {
    return Sources.of(
        switch (format) {
          case TAR -> file(temp, "pack.tar", tar(entries));
          case TAR_GZ -> file(temp, "pack.tgz", gzip(tar(entries)));
          case ZIP -> file(temp, "pack.zip", zip(entries));
        },
        MAX_BYTES);
  }

  private static Entry[] many(int count) {
    Entry[] entries = new Entry[count];
    for (int i = 0; i < count; i++) {
      entries[i] = new Entry("train/class" + i % 3 + "/" + i + ".png", png(i));
    }
    return entries;
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void readsEntriesInTheirOrderWithTheFolderAsLabel(Format format) throws IOException {
    Source archive = archive(format, many(30));

    List<SourceImage> images = images(stored(archive));

    assertThat(images).hasSize(30);
    for (int i = 0; i < 30; i++) {
      SourceImage image = images.get(i);
      assertThat(image.id()).isEqualTo(archive.name() + "!/train/class" + i % 3 + "/" + i + ".png");
      assertThat(image.label()).isEqualTo("class" + i % 3);
      assertThat(image.source()).isEqualTo(archive.name());
      assertThat(Samples.bytes(image.bytes())).isEqualTo(png(i));
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void shufflesBySeedAndLosesNothing(Format format) throws IOException {
    Source archive = archive(format, many(30));

    List<String> stored = names(stored(archive));
    List<String> once = names(shuffled(archive, 5));

    assertThat(once).isNotEqualTo(stored).containsExactlyInAnyOrderElementsOf(stored);
    assertThat(names(shuffled(archive, 5))).isEqualTo(once);
    assertThat(names(shuffled(archive, 6))).isNotEqualTo(once);
    for (SourceImage image : images(shuffled(archive, 5))) {
      String file = image.id().substring(image.id().lastIndexOf('/') + 1);
      int number = Integer.parseInt(file.substring(0, file.indexOf('.')));
      assertThat(Samples.bytes(image.bytes())).as(image.id()).isEqualTo(png(number));
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void makesNamesFitForIds(Format format) throws IOException {
    Source archive =
        archive(
            format,
            new Entry("../../etc/a b.png", png(1)),
            new Entry("./été/猫.png", png(2)),
            new Entry("win\\dows\\c.png", png(3)),
            new Entry("x//y/./d\n.png", png(4)));

    String start = archive.name() + "!/";
    assertThat(images(stored(archive)))
        .extracting(SourceImage::id)
        .containsExactly(
            start + "%2E%2E/%2E%2E/etc/a b.png",
            start + "été/猫.png",
            start + "win/dows/c.png",
            start + "x/y/d%0A.png");
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void namesBadEntriesAndSkipsOthers(Format format) throws IOException {
    Source archive =
        archive(
            format,
            new Entry("a/empty.png", new byte[0]),
            new Entry("a/large.png", new byte[MAX_BYTES + 1]),
            new Entry("a/text.png", text("hello")),
            new Entry("README.md", text("hello")),
            new Entry("__MACOSX/a/._1.png", text("hello")),
            new Entry("a/.hidden.png", png(1)),
            new Entry("a/good.png", png(2)));

    List<Item> items = stored(archive);

    assertThat(unreadable(items))
        .extracting(item -> item.name().substring(item.name().lastIndexOf('/') + 1))
        .containsExactly("empty.png", "large.png", "text.png");
    assertThat(items).filteredOn(Skipped.class::isInstance).hasSize(3);
    assertThat(images(items)).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void letsTheLastOfTwoEntriesWithOneNameWinInEveryOrder(Format format) throws IOException {
    Entry[] entries = many(20);
    entries[3] = new Entry("same.png", png(100));
    entries[12] = new Entry("./same.png", png(200));
    Source archive = archive(format, entries);

    for (int seed = 0; seed < 10; seed++) {
      List<SourceImage> same =
          images(shuffled(archive, seed)).stream()
              .filter(image -> image.id().endsWith("!/same.png"))
              .toList();
      assertThat(Samples.bytes(same.getLast().bytes())).as("seed %d", seed).isEqualTo(png(200));
    }
    List<SourceImage> stored = images(stored(archive));
    SourceImage last =
        stored.stream().filter(i -> i.id().endsWith("!/same.png")).reduce((_, b) -> b).get();
    assertThat(Samples.bytes(last.bytes())).isEqualTo(png(200));
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void readsACutOffArchiveUpToTheCutAndNamesIt(Format format) throws IOException {
    byte[] whole =
        switch (format) {
          case TAR -> tar(many(50));
          case TAR_GZ -> gzip(tar(many(50)));
          case ZIP -> zip(many(50));
        };
    byte[] half = Arrays.copyOf(whole, whole.length / 2 + 7);
    Path path = file(temp, "cut." + format.name().toLowerCase(Locale.ROOT).replace("_", "."), half);

    for (List<Item> items :
        List.of(stored(Sources.of(path, MAX_BYTES)), shuffled(Sources.of(path, MAX_BYTES), 1))) {
      assertThat(images(items)).hasSizeBetween(5, 45);
      assertThat(unreadable(items)).hasSize(1);
      assertThat(unreadable(items).getFirst().name()).startsWith(path.getFileName().toString());
    }
  }

  @Test
  void namesAZipEntryWhoseChecksumIsWrongAndReadsTheRest() throws IOException {
    byte[] bytes = zip(new Entry("a.png", png(1)), new Entry("b.png", png(2)));
    bytes[30 + "a.png".length() + 12] ^= 0x55; // inside the data of the first entry

    List<Item> items = stored(Sources.of(file(temp, "broken.zip", bytes), MAX_BYTES));

    assertThat(unreadable(items)).extracting(Unreadable::name).containsExactly("broken.zip!/a.png");
    assertThat(images(items)).extracting(SourceImage::id).containsExactly("broken.zip!/b.png");
  }

  @Test
  void skipsLinksInATar() throws IOException {
    var out = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(out)) {
      var link = new TarArchiveEntry("link.png", TarConstants.LF_SYMLINK);
      link.setLinkName("/etc/passwd");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }

    List<Item> items = stored(Sources.of(file(temp, "links.tar", out.toByteArray()), MAX_BYTES));

    assertThat(items).containsExactly(new Skipped("links.tar!/link.png"));
  }

  @Test
  void namesAnArchiveThatIsNoneAtAll() throws IOException {
    Path path = file(temp, "not.tar.gz", gzip(text("hello")));

    List<Item> items = stored(Sources.of(path, MAX_BYTES));

    assertThat(images(items)).isEmpty();
    assertThat(unreadable(items)).hasSize(1);
  }

  @Test
  void namesAnArchiveThatVanished() throws IOException {
    Source source = archive(Format.TAR, many(3));
    Files.delete(temp.resolve("pack.tar"));

    assertThat(unreadable(stored(source))).extracting(Unreadable::name).containsExactly("pack.tar");
  }
}
