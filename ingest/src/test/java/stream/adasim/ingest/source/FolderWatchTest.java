package stream.adasim.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static stream.adasim.ingest.source.Samples.MAX_BYTES;
import static stream.adasim.ingest.source.Samples.file;
import static stream.adasim.ingest.source.Samples.png;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderWatchTest {
  private static final Duration SETTLE = Duration.ofSeconds(10);

  @TempDir private Path temp;

  private Instant now = Instant.EPOCH;
  private final List<Item> found = new ArrayList<>();
  private Path root;
  private FolderWatch watch;

  @BeforeEach
  void open() throws IOException {
    root = temp.resolve("in");
    file(root, "cat/old.png", png(1));
    watch = FolderWatch.open(List.of(new Folder(root, MAX_BYTES)), () -> now, SETTLE);
  }

  @AfterEach
  void close() {
    watch.close();
  }

  /** Polls, each time as if the settling time had passed, until that many items were found. */
  private void awaitFound(int items) throws InterruptedException {
    await()
        .atMost(Duration.ofSeconds(15))
        .pollInSameThread()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              drain();
              now = now.plus(SETTLE);
              return found.size() >= items;
            });
    drain();
  }

  private void drain() throws InterruptedException {
    for (Item item = watch.poll(Duration.ofMillis(20));
        item != null;
        item = watch.poll(Duration.ofMillis(20))) {
      found.add(item);
    }
  }

  @Test
  void findsNewFilesButNotThoseThatWereThere() throws Exception {
    file(root, "cat/new.png", png(2));

    awaitFound(1);

    assertThat(found).extracting(Item::name).containsExactly("in/cat/new.png");
    assertThat(found.getFirst())
        .isInstanceOfSatisfying(
            SourceImage.class, image -> assertThat(image.label()).isEqualTo("cat"));
  }

  @Test
  void findsFilesThatChange() throws Exception {
    file(root, "cat/old.png", Arrays.copyOf(png(9), png(9).length + 1));

    awaitFound(1);

    assertThat(found).extracting(Item::name).containsExactly("in/cat/old.png");
  }

  @Test
  void findsFilesInNewFoldersAndFoldersBelowThem() throws Exception {
    file(root, "dog/puppy/1.png", png(1));
    file(root, "dog/2.png", png(2));
    awaitFound(2);

    file(root, "dog/puppy/3.png", png(3));
    awaitFound(3);

    assertThat(found)
        .extracting(Item::name)
        .containsExactlyInAnyOrder("in/dog/puppy/1.png", "in/dog/2.png", "in/dog/puppy/3.png");
  }

  @Test
  void findsFilesThatAreMovedIn() throws Exception {
    Path outside = file(temp, "outside.png", png(5));
    Files.move(outside, root.resolve("cat/moved.png"), StandardCopyOption.ATOMIC_MOVE);

    awaitFound(1);

    assertThat(found).extracting(Item::name).containsExactly("in/cat/moved.png");
  }

  @Test
  void neverReadsAFileThatIsStillGrowing() throws Exception {
    byte[] whole = png(7);
    Path file = root.resolve("slow.png");
    for (int end = 10; end <= whole.length; end++) {
      Files.write(file, Arrays.copyOf(whole, end));
      drain();
      now = now.plus(SETTLE.minusMillis(1));
      drain();
    }
    assertThat(found).as("each state lasted a millisecond less than the settling time").isEmpty();

    awaitFound(1);

    assertThat(found)
        .singleElement()
        .isInstanceOfSatisfying(
            SourceImage.class, image -> assertThat(Samples.bytes(image.bytes())).isEqualTo(whole));
  }

  @Test
  void leavesEmptyAndHiddenFilesAlone() throws Exception {
    file(root, "empty.png", new byte[0]);
    file(root, ".hidden.png", png(1));
    file(root, "last.png", png(2));

    awaitFound(1);
    now = now.plus(SETTLE.multipliedBy(3));
    awaitFound(1);

    assertThat(found).extracting(Item::name).containsExactly("in/last.png");
  }

  @Test
  void losesNothingWhenEventsOverflow() throws Exception {
    int files = 2000; // Java keeps 512 events for each folder
    for (int i = 0; i < files; i++) {
      file(root, "many/" + i + ".png", png(i));
    }
    Path more = Files.createDirectories(root.resolve("cat"));
    for (int i = 0; i < files; i++) {
      Files.write(more.resolve(i + ".png"), png(i));
    }

    awaitFound(2 * files);

    assertThat(found).extracting(Item::name).doesNotHaveDuplicates().hasSize(2 * files);
    assertThat(found).allMatch(SourceImage.class::isInstance);
  }

  @Test
  void namesAFileThatIsNoImage() throws Exception {
    file(root, "text.png", Samples.text("hello"));

    awaitFound(1);

    assertThat(found).singleElement().isInstanceOf(Unreadable.class);
  }
}
