package stream.adasim.learner.checkpoint;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
  @TempDir Path parent;
  private Path folder;
  private CheckpointStore store;
  private final List<String> refused = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    folder = parent.resolve("checkpoints");
    store = new CheckpointStore(folder, 2);
  }

  private Path write(long step, String text) throws IOException {
    return store.write(step, out -> out.write(text.getBytes(US_ASCII)));
  }

  private String newest() throws IOException {
    refused.clear();
    var newest = store.newest(refused::add);
    if (newest.isEmpty()) {
      return "none";
    }
    try (var loaded = newest.get()) {
      return loaded.step() + " " + new String(loaded.body().readAllBytes(), US_ASCII);
    }
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void givesBackWhatWasWritten() throws IOException {
    assertThat(newest()).isEqualTo("none");
    store.write(
        7,
        out -> {
          out.writeLong(42);
          out.writeUTF("weights");
          out.close(); // must not reach the file
        });
    try (var loaded = store.newest(refused::add).orElseThrow()) {
      assertThat(loaded.step()).isEqualTo(7);
      assertThat(loaded.body().readLong()).isEqualTo(42);
      assertThat(loaded.body().readUTF()).isEqualTo("weights");
      assertThat(loaded.body().read()).isEqualTo(-1); // the checksum isn't part of it
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void aReaderWithoutAClaimChangesNothing() throws IOException {
    write(1, "old");
    write(2, "new");
    var damaged = write(3, "damaged");
    Files.write(damaged, new byte[] {1, 2, 3});
    Files.write(
        folder.resolve("checkpoint-0000000001-0000000000000000004.adasim.part"), new byte[] {1});
    var before = files();
    try (var loaded = CheckpointStore.read(folder, refused::add).orElseThrow()) {
      assertThat(new String(loaded.body().readAllBytes(), US_ASCII)).isEqualTo("new");
    }
    assertThat(refused).singleElement().asString().contains(damaged.toString(), "truncated");
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void givesBackBodiesLargerThanItsBuffers() throws IOException {
    var large = new byte[300_001];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31);
    }
    store.write(1, out -> out.write(large));
    try (var loaded = store.newest(refused::add).orElseThrow()) {
      assertThat(loaded.body().readAllBytes()).isEqualTo(large);
    }
  }

  @Test
  void keepsTheNewest() throws IOException {
    for (int step = 9; step <= 12; step++) {
      write(step, "s" + step);
    }
    assertThat(files())
        .containsExactly(
            "checkpoint-0000000001-0000000000000000011.adasim",
            "checkpoint-0000000001-0000000000000000012.adasim",
            "claim-0000000001");
    assertThat(newest()).isEqualTo("12 s12");
    write(12, "again");
    assertThat(newest()).isEqualTo("12 again");
  }

  @Test
  void noticesEveryFlippedByte() throws IOException {
    write(1, "before");
    var file = write(2, "newest");
    var whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i++) {
      for (int bit : new int[] {1, 0x80, 0xFF}) {
        var damaged = whole.clone();
        damaged[i] ^= (byte) bit;
        Files.write(file, damaged);
        assertThat(newest()).as("byte %d", i).isEqualTo("1 before");
        assertThat(refused)
            .as("byte %d", i)
            .singleElement()
            .asString()
            .startsWith("Checkpoint " + file + " is ");
      }
    }
    Files.write(file, whole);
    assertThat(newest()).isEqualTo("2 newest");
  }

  @Test
  void noticesEveryTruncationAndExtension() throws IOException {
    write(1, "before");
    var file = write(2, "newest");
    var whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length + 3; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(newest())
          .as("length %d", length)
          .isEqualTo(length == whole.length ? "2 newest" : "1 before");
    }
  }

  @Test
  void saysWhyItRefuses() throws IOException {
    var file = write(2, "newest");
    var whole = Files.readAllBytes(file);

    Files.write(file, new byte[0]);
    assertThat(newest()).isEqualTo("none");
    assertThat(refused)
        .containsExactly("Checkpoint " + file + " is truncated: 0 bytes, expected at least 60");

    var other = whole.clone();
    other[11] = 1;
    Files.write(file, other);
    newest();
    assertThat(refused)
        .containsExactly("Checkpoint " + file + " is of format version 1, expected 2");

    Files.write(file, whole);
    var renamed =
        Files.move(file, folder.resolve("checkpoint-0000000001-0000000000000000003.adasim"));
    newest();
    assertThat(refused)
        .containsExactly("Checkpoint " + renamed + " is of step 2, expected step 3 as in its name");

    var damaged = whole.clone();
    damaged[20] ^= 1;
    Files.write(file, damaged);
    newest();
    assertThat(refused).last().asString().contains("is damaged: its content has SHA-256 ");
  }

  @Test
  void neverCountsADamagedOneAmongThoseItKeeps() throws IOException {
    write(1, "one");
    var damaged = write(2, "two");
    Files.write(damaged, new byte[100]);
    store = new CheckpointStore(folder, 2);
    write(3, "three");
    assertThat(files()).hasSize(4); // 1 and 3 are good; 2 lies between them
    write(4, "four");
    assertThat(files())
        .containsExactly(
            "checkpoint-0000000002-0000000000000000003.adasim",
            "checkpoint-0000000002-0000000000000000004.adasim",
            "claim-0000000002");
  }

  @Test
  void leavesTheLastOneWholeWhenWritingFails() throws IOException {
    write(1, "before");
    for (long step : new long[] {1, 2}) {
      assertThatThrownBy(
              () ->
                  store.write(
                      step,
                      out -> {
                        out.write(new byte[200_000]);
                        throw new IOException("No space left on device");
                      }))
          .isInstanceOf(IOException.class)
          .hasMessage("No space left on device");
      assertThat(newest()).isEqualTo("1 before");
      assertThat(files())
          .containsExactly("checkpoint-0000000001-0000000000000000001.adasim", "claim-0000000001");
    }
  }

  @Test
  void survivesAProcessThatDiesWhileWriting() throws Exception {
    write(1, "before");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                DyingWriter.class.getName(),
                folder.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(DyingWriter.EXIT);
    assertThat(files()).contains("checkpoint-0000000002-0000000000000000002.adasim.part");
    store = new CheckpointStore(folder, 2);
    assertThat(files())
        .containsExactly("checkpoint-0000000001-0000000000000000001.adasim", "claim-0000000003");
    assertThat(newest()).isEqualTo("1 before");
  }

  @Test
  void clearsAwayWhatWasNeverRenamedAndNothingElse() throws IOException {
    var file = write(5, "whole");
    Files.copy(file, folder.resolve("checkpoint-0000000001-0000000000000000006.adasim.part"));
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Files.writeString(folder.resolve("checkpoint-6.part"), "mine too");
    store = new CheckpointStore(folder, 2);
    assertThat(files())
        .containsExactly(
            "checkpoint-0000000001-0000000000000000005.adasim",
            "checkpoint-6.part",
            "claim-0000000002",
            "notes.txt");
    assertThat(newest()).isEqualTo("5 whole");
  }

  @Test
  void belongsToTheStoreThatWasOpenedLast() throws IOException {
    write(1, "first's");
    write(2, "first's");
    CheckpointStore second = new CheckpointStore(folder, 2);
    assertThatThrownBy(() -> write(3, "late"))
        .isInstanceOf(FolderTakenException.class)
        .hasMessageStartingWith(
            "The checkpoint folder " + folder + " was taken over by another trainer (process ")
        .hasMessageEndingWith("give each a folder of its own");
    second.write(2, out -> out.write("second's".getBytes(US_ASCII)));
    assertThat(newest()).isEqualTo("2 second's");
    assertThat(files())
        .containsExactly(
            "checkpoint-0000000001-0000000000000000002.adasim",
            "checkpoint-0000000002-0000000000000000002.adasim",
            "claim-0000000002");
  }

  /** A process may be suspended between its last look at the claim and the rename. */
  @Test
  void whatAnEarlierStoreStillWritesCountsAsOlder() throws IOException {
    Path late = write(9, "late");
    byte[] content = Files.readAllBytes(late);
    CheckpointStore second = new CheckpointStore(folder, 2);
    Files.delete(late);
    second.write(4, out -> out.write("second's".getBytes(US_ASCII)));
    Files.write(late, content);
    assertThat(newest()).isEqualTo("4 second's");
    second.write(5, out -> out.write("second's".getBytes(US_ASCII)));
    assertThat(files()).doesNotContain(late.getFileName().toString());
  }

  @Test
  void claimsOfManyAtOnceDiffer() throws Exception {
    try (var threads = Executors.newFixedThreadPool(8)) {
      List<Long> claims =
          threads
              .invokeAll(
                  Collections.nCopies(
                      32, (Callable<Long>) () -> FolderClaim.take(folder, 0).number()))
              .stream()
              .map(Future::resultNow)
              .toList();
      assertThat(claims).doesNotHaveDuplicates();
      assertThat(files())
          .containsExactly(
              "claim-%010d".formatted(claims.stream().max(Long::compare).orElseThrow()));
    }
  }
}
