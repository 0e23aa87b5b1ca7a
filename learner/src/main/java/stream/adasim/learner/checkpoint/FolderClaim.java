package stream.adasim.learner.checkpoint;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may write into a folder: whoever claimed it last. Claims are numbered, and a number is taken
 * by making a file that must not exist yet. Not a lock of the operating system's: a process that is
 * suspended, or cut off from the brokers, would keep that from its successor.
 *
 * @param number larger than that of every claim before
 */
record FolderClaim(Path folder, long number) {
  private static final Pattern NAME = Pattern.compile("claim-(\\d{10})");

  /**
   * Claims the folder.
   *
   * @param above number that the claim must exceed
   */
  static FolderClaim take(Path folder, long above) throws IOException {
    long number = Math.max(above, newest(folder)) + 1;
    while (!created(file(folder, number)) || newest(folder) > number) {
      // Another one was faster; one that was much faster has removed the file of this number.
      number = newest(folder) + 1;
    }
    for (long old = newestBelow(folder, number); old > 0; old = newestBelow(folder, number)) {
      Files.deleteIfExists(file(folder, old));
    }
    return new FolderClaim(folder, number);
  }

  /**
   * Makes sure that nobody has claimed the folder since.
   *
   * @throws FolderTakenException where somebody has
   */
  void check() throws IOException {
    long newest = newest(folder);
    if (newest != number) {
      throw new FolderTakenException(
          "The checkpoint folder %s was taken over by another trainer (%s): where that one is not this one's successor, give each a folder of its own"
              .formatted(folder, newest == 0 ? "its claim is gone" : read(file(folder, newest))));
    }
  }

  private static String claimant() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "an unnamed host";
    }
    return "process %d on %s at %s".formatted(ProcessHandle.current().pid(), host, Instant.now());
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "which was itself replaced just now";
    }
  }

  private static Path file(Path folder, long number) {
    return folder.resolve("claim-%010d".formatted(number));
  }

  private static boolean created(Path file) throws IOException {
    try {
      Files.writeString(file, claimant(), StandardOpenOption.CREATE_NEW);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  private static long newest(Path folder) throws IOException {
    return newestBelow(folder, Long.MAX_VALUE);
  }

  /** The largest number below the limit, 0 where there is none. */
  private static long newestBelow(Path folder, long limit) throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> NAME.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToLong(name -> Long.parseLong(name.group(1)))
          .filter(number -> number < limit)
          .max()
          .orElse(0);
    } catch (NoSuchFileException e) {
      throw new IOException("The checkpoint folder %s is gone".formatted(folder), e);
    }
  }
}
