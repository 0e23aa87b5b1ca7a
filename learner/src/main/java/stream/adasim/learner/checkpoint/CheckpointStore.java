package stream.adasim.learner.checkpoint;

import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Checkpoints of one run in one folder. A checkpoint is there whole or not at all: it is written
 * aside, forced to the disk, then renamed. A damaged one is never returned. One store at a time
 * owns the folder, over all processes of the machine; files in it that aren't checkpoints are left
 * alone. Not thread-safe.
 */
public final class CheckpointStore implements Closeable {

  /** Writes the content of a checkpoint. */
  @FunctionalInterface
  public interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{19})\\.adasim");
  private static final Pattern LEFTOVER = Pattern.compile("checkpoint-\\d{19}\\.adasim\\.part");

  private final Path folder;
  private final int keep;
  private final FolderLock lock;
  private final Set<Path> good = new HashSet<>(); // written or verified by this store

  /**
   * Takes the folder, makes it where it is missing, and clears away what a killed run left half
   * written.
   *
   * @param keep how many good checkpoints stay, at least 1
   * @throws IOException where another store has the folder, or it can't be written
   */
  public CheckpointStore(Path folder, int keep) throws IOException {
    if (keep < 1) {
      throw new IllegalArgumentException("keep=%d must be at least 1".formatted(keep));
    }
    this.folder = Files.createDirectories(folder);
    this.keep = keep;
    lock = FolderLock.take(folder);
    try {
      for (var leftover : list(folder, LEFTOVER)) {
        Files.delete(leftover);
      }
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Writes a checkpoint, in place of one of the same step, and deletes the oldest beyond those
   * kept. When this returns, the checkpoint survives a loss of power. When it throws (the disk is
   * full, the writer failed), the checkpoints are what they were before.
   *
   * @param step at least 0; the highest is the newest
   */
  public Path write(long step, Writer body) throws IOException {
    if (step < 0) {
      throw new IllegalArgumentException("step=%d must be at least 0".formatted(step));
    }
    var file = folder.resolve("checkpoint-%019d.adasim".formatted(step));
    var aside = folder.resolve(file.getFileName() + ".part");
    try {
      CheckpointFile.write(aside, step, body);
      Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | RuntimeException e) {
      discard(aside, e);
      throw e;
    }
    forceFolder();
    good.add(file);
    deleteOld();
    return file;
  }

  private static void discard(Path aside, Exception cause) {
    try {
      Files.deleteIfExists(aside);
    } catch (IOException e) {
      cause.addSuppressed(e); // the next start clears it away
    }
  }

  /** Makes the rename itself last. */
  private void forceFolder() throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * The newest checkpoint that is whole and of this format; empty where there is none. Damaged ones
   * stay in the folder until enough good ones are newer.
   *
   * @param refused told why each newer one was not taken: file, found, expected
   */
  public Optional<Loaded> newest(Consumer<String> refused) throws IOException {
    for (var file : newestFirst(folder)) {
      var fault = fault(file);
      if (fault.isEmpty()) {
        return Optional.of(CheckpointFile.open(file));
      }
      refused.accept(fault.get());
    }
    return Optional.empty();
  }

  /**
   * The newest good checkpoint of a folder that another store may own and write to meanwhile;
   * nothing is changed. Empty where there is none.
   *
   * @param refused told why each newer one was not taken: file, found, expected
   * @throws IOException if the folder or a checkpoint can't be read, which may have been deleted
   *     just now: then another call finds the next one
   */
  public static Optional<Loaded> read(Path folder, Consumer<String> refused) throws IOException {
    for (var file : newestFirst(folder)) {
      var fault = CheckpointFile.fault(file, step(file));
      if (fault.isEmpty()) {
        return Optional.of(CheckpointFile.open(file));
      }
      refused.accept(fault.get());
    }
    return Optional.empty();
  }

  private Optional<String> fault(Path file) throws IOException {
    var fault = CheckpointFile.fault(file, step(file));
    if (fault.isEmpty()) {
      good.add(file);
    }
    return fault;
  }

  private void deleteOld() throws IOException {
    int kept = 0;
    for (var file : newestFirst(folder)) {
      if (kept == keep) {
        Files.delete(file);
        good.remove(file);
      } else if (good.contains(file) || fault(file).isEmpty()) {
        kept++;
      }
    }
  }

  private static List<Path> newestFirst(Path folder) throws IOException {
    return list(folder, NAME).stream().sorted(Comparator.reverseOrder()).toList();
  }

  private static List<Path> list(Path folder, Pattern name) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> name.matcher(file.getFileName().toString()).matches()).toList();
    } catch (NoSuchFileException e) {
      throw new IOException("The checkpoint folder %s is gone".formatted(folder), e);
    }
  }

  private static long step(Path file) {
    var matcher = NAME.matcher(file.getFileName().toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("%s is not named like a checkpoint".formatted(file));
    }
    return Long.parseLong(matcher.group(1));
  }

  /** Lets another store have the folder. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
