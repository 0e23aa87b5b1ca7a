package stream.adasim.learner.checkpoint;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of one run in one folder. A checkpoint is there whole or not at all: it is written
 * aside, forced to the disk, then renamed. A damaged one is never returned. The store that was
 * opened last owns the folder, over all processes and machines that share it: an earlier one can
 * write no more, and had it just begun to, what it writes counts as older. Files in the folder that
 * aren't checkpoints are left alone. Not thread-safe.
 */
public final class CheckpointStore {

  /** Writes the content of a checkpoint. */
  @FunctionalInterface
  public interface Writer {
    void write(DataOutputStream out) throws IOException;
  }

  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{10})-(\\d{19})\\.adasim");
  private static final Pattern LEFTOVER =
      Pattern.compile("checkpoint-\\d{10}-\\d{19}\\.adasim\\.part");
  private static final Comparator<Path> AGE =
      Comparator.comparingLong(CheckpointStore::claim).thenComparingLong(CheckpointStore::step);

  private final Path folder;
  private final int keep;
  private final FolderClaim claim;
  private @Nullable Path held;
  private final Set<Path> good = new HashSet<>(); // written or verified by this store

  /**
   * Takes the folder from whoever had it, makes it where it is missing, and clears away what a
   * killed run left half written.
   *
   * @param keep how many good checkpoints stay, at least 1
   * @throws IOException where it can't be written
   */
  public CheckpointStore(Path folder, int keep) throws IOException {
    if (keep < 1) {
      throw new IllegalArgumentException("keep=%d must be at least 1".formatted(keep));
    }
    this.folder = Files.createDirectories(folder);
    this.keep = keep;
    long newest = list(folder, NAME).stream().mapToLong(CheckpointStore::claim).max().orElse(0);
    claim = FolderClaim.take(folder, newest);
    for (var leftover : list(folder, LEFTOVER)) {
      Files.deleteIfExists(leftover);
    }
  }

  /**
   * Writes a checkpoint, in place of one of the same step, and deletes the oldest beyond those
   * kept. When this returns, the checkpoint survives a loss of power. When it throws (the disk is
   * full, the writer failed), the checkpoints are what they were before.
   *
   * @param step at least 0; the highest is the newest
   * @throws FolderTakenException where another store has taken the folder
   */
  public Path write(long step, Writer body) throws IOException {
    if (step < 0) {
      throw new IllegalArgumentException("step=%d must be at least 0".formatted(step));
    }
    var file = folder.resolve("checkpoint-%010d-%019d.adasim".formatted(claim.number(), step));
    var aside = folder.resolve(file.getFileName() + ".part");
    try {
      CheckpointFile.write(aside, step, body);
      claim.check();
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

  /**
   * Keeps a checkpoint, beside as many newer ones as are kept anyway, until another is held.
   *
   * @param file that this store wrote, or null for none
   */
  public void hold(@Nullable Path file) {
    held = file;
  }

  /**
   * Opens a checkpoint that this store wrote; empty where it is gone or damaged.
   *
   * @param refused told why
   */
  public Optional<Loaded> open(Path file, Consumer<String> refused) throws IOException {
    if (!Files.exists(file)) {
      refused.accept("%s is gone".formatted(file));
      return Optional.empty();
    }
    var fault = fault(file);
    fault.ifPresent(refused);
    return fault.isPresent() ? Optional.empty() : Optional.of(CheckpointFile.open(file));
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
      if (file.equals(held)) {
        continue;
      }
      if (kept == keep) {
        Files.deleteIfExists(file);
        good.remove(file);
      } else if (good.contains(file) || fault(file).isEmpty()) {
        kept++;
      }
    }
  }

  private static List<Path> newestFirst(Path folder) throws IOException {
    return list(folder, NAME).stream().sorted(AGE.reversed()).toList();
  }

  private static List<Path> list(Path folder, Pattern name) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> name.matcher(file.getFileName().toString()).matches()).toList();
    } catch (NoSuchFileException e) {
      throw new IOException("The checkpoint folder %s is gone".formatted(folder), e);
    }
  }

  private static long claim(Path file) {
    return Long.parseLong(parsed(file).group(1));
  }

  private static long step(Path file) {
    return Long.parseLong(parsed(file).group(2));
  }

  private static Matcher parsed(Path file) {
    var matcher = NAME.matcher(file.getFileName().toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("%s is not named like a checkpoint".formatted(file));
    }
    return matcher;
  }
}
