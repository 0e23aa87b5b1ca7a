package stream.adasim.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static stream.adasim.ingest.source.Samples.MAX_BYTES;
import static stream.adasim.ingest.source.Samples.file;
import static stream.adasim.ingest.source.Samples.images;
import static stream.adasim.ingest.source.Samples.names;
import static stream.adasim.ingest.source.Samples.png;
import static stream.adasim.ingest.source.Samples.shuffled;
import static stream.adasim.ingest.source.Samples.stored;
import static stream.adasim.ingest.source.Samples.tar;
import static stream.adasim.ingest.source.Samples.text;
import static stream.adasim.ingest.source.Samples.unreadable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderTest {
  @TempDir private Path temp;

  private Folder pets() throws IOException {
    Path root = temp.resolve("pets");
    for (int i = 0; i < 20; i++) {
      file(root, (i % 2 == 0 ? "cat/" : "dog/") + i + ".png", png(i));
    }
    file(root, "loose.png", png(99));
    return new Folder(root, MAX_BYTES);
  }

  @Test
  void readsAllFilesBelowInTheOrderOfTheirNames() throws IOException {
    List<String> names = names(stored(pets()));

    assertThat(names).hasSize(21).isSorted().startsWith("pets/cat/0.png", "pets/cat/10.png");
    assertThat(pets().count()).hasValue(21);
  }

  @Test
  void labelsAnImageWithItsSubFolderAndNoImageWithTheRoot() throws IOException {
    Folder pets = pets();

    for (SourceImage image : images(stored(pets))) {
      String expected =
          image.id().contains("loose") ? null : image.id().contains("/cat/") ? "cat" : "dog";
      assertThat(image.label()).as(image.id()).isEqualTo(expected);
      assertThat(image.source()).isEqualTo("pets");
    }
  }

  @Test
  void keepsTheBytesAndTellsTheMediaTypeAndTheTime() throws IOException {
    Folder pets = pets();
    Path file = temp.resolve("pets/cat/4.png");

    SourceImage image =
        images(stored(pets)).stream().filter(i -> i.id().endsWith("/4.png")).findFirst().get();

    assertThat(Samples.bytes(image.bytes())).isEqualTo(png(4));
    assertThat(image.mediaType()).isEqualTo("image/png");
    assertThat(image.capturedAt()).isEqualTo(Files.getLastModifiedTime(file).toInstant());
  }

  @Test
  void shufflesBySeedAndLosesNothing() throws IOException {
    Folder pets = pets();

    List<String> stored = names(stored(pets));
    List<String> once = names(shuffled(pets, 1));

    assertThat(once).isNotEqualTo(stored).containsExactlyInAnyOrderElementsOf(stored);
    assertThat(names(shuffled(pets, 1))).isEqualTo(once);
    assertThat(names(shuffled(pets, 2))).isNotEqualTo(once);
  }

  @Test
  void skipsHiddenFilesAndFilesThatNobodyTakesForImages() throws IOException {
    Path root = temp.resolve("junk");
    file(root, ".DS_Store", text("x"));
    file(root, ".git/objects/a.png", png(1));
    file(root, "README.md", text("x"));
    file(root, "LICENSE", text("x"));
    file(root, "index.csv", text("x"));
    file(root, "SHA256SUMS", text("x"));
    file(root, "readme.png", png(2));

    List<Item> items = stored(new Folder(root, MAX_BYTES));

    assertThat(names(images(items).stream().map(Item.class::cast).toList()))
        .containsExactly("junk/readme.png");
    assertThat(items).filteredOn(Skipped.class::isInstance).hasSize(5);
    assertThat(unreadable(items)).isEmpty();
  }

  @Test
  void namesWhatShouldHaveBeenAnImageAndGoesOn() throws IOException {
    Path root = temp.resolve("bad");
    file(root, "a-empty.png", new byte[0]);
    file(root, "b-large.png", new byte[MAX_BYTES + 1]);
    file(root, "c-text.jpg", text("no image"));
    file(root, "d-archive.tar", tar(new Samples.Entry("x.png", png(1))));
    Files.createSymbolicLink(root.resolve("e-dangling.png"), root.resolve("nowhere"));
    file(root, "f-good.png", png(3));

    List<Item> items = stored(new Folder(root, MAX_BYTES));

    assertThat(unreadable(items))
        .extracting(Unreadable::name)
        .containsExactly(
            "bad/a-empty.png",
            "bad/b-large.png",
            "bad/c-text.jpg",
            "bad/d-archive.tar",
            "bad/e-dangling.png");
    assertThat(unreadable(items))
        .extracting(Unreadable::reason)
        .satisfiesExactly(
            reason -> assertThat(reason).isEqualTo("is empty"),
            reason -> assertThat(reason).contains("image.max-bytes=10000", "10001"),
            reason -> assertThat(reason).contains("first bytes"),
            reason -> assertThat(reason).contains("PATH of its own"),
            reason -> assertThat(reason).contains("not there"));
    assertThat(images(items)).extracting(SourceImage::id).containsExactly("bad/f-good.png");
  }

  @Test
  void tellsAnArchiveFromAnOversizedImage() throws IOException {
    Path root = temp.resolve("pack");
    file(root, "large.tar", Arrays.copyOf(tar(new Samples.Entry("x.png", png(1))), 20_000));

    assertThat(unreadable(stored(new Folder(root, MAX_BYTES))))
        .singleElement()
        .satisfies(item -> assertThat(item.reason()).contains("PATH of its own"));
  }

  @Test
  void endsWhereLinksGoInACircle() throws IOException {
    Path root = temp.resolve("loop");
    file(root, "a/1.png", png(1));
    Files.createSymbolicLink(root.resolve("a/back"), root);

    List<Item> items = stored(new Folder(root, MAX_BYTES));

    assertThat(images(items)).extracting(SourceImage::id).containsExactly("loop/a/1.png");
    assertThat(unreadable(items)).hasSize(1);
  }

  @Test
  void keepsSpacesAndLettersOfAllLanguagesInIds() throws IOException {
    assumeThat(System.getProperty("sun.jnu.encoding"))
        .isEqualTo("UTF-8"); // else no such file names
    Path root = temp.resolve("my photos");
    file(root, "été à la mer/猫 1.png", png(1));

    SourceImage image = images(stored(new Folder(root, MAX_BYTES))).getFirst();

    assertThat(image.id()).isEqualTo("my photos/été à la mer/猫 1.png");
    assertThat(image.label()).isEqualTo("été à la mer");
  }

  @Test
  void givesTheSameIdsHoweverTheRootIsWritten() throws IOException {
    Folder pets = pets();

    var written = new Folder(temp.resolve("pets/../pets/."), MAX_BYTES);

    assertThat(names(stored(written))).isEqualTo(names(stored(pets)));
  }

  @Test
  void namesAFileThatVanishesBetweenListingAndReading() throws IOException {
    Folder pets = pets();

    List<Item> rest;
    try (Items items = pets.items(new Order.AsStored())) {
      Files.delete(temp.resolve("pets/cat/0.png"));
      rest = Samples.all(items);
    }

    assertThat(unreadable(rest)).extracting(Unreadable::name).containsExactly("pets/cat/0.png");
    assertThat(images(rest)).hasSize(20);
  }
}
