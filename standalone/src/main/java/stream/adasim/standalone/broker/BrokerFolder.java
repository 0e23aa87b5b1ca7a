package stream.adasim.standalone.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one broker, held by at most one process: {@code lock}, {@code kafka.version} (the
 * newest Kafka that wrote here) and {@code log}, Kafka's own directory.
 */
final class BrokerFolder implements AutoCloseable {

  static final int NODE = 1;
  static final String CONTROLLER_LISTENER = "CONTROLLER";

  private static final long LEAST_FREE_BYTES = 1L << 30;

  private final FileChannel lock;
  private final Path logs;
  private final String clusterId;

  private BrokerFolder(FileChannel lock, Path logs, String clusterId) {
    this.lock = lock;
    this.logs = logs;
    this.clusterId = clusterId;
  }

  /** How much room a folder's disk has left, in bytes. */
  interface Room {
    long left(Path folder) throws IOException;
  }

  /** Takes the folder, formats it on first use, and checks that this Kafka can continue it. */
  static BrokerFolder open(Path path) {
    return open(path, folder -> Files.getFileStore(folder).getUsableSpace());
  }

  static BrokerFolder open(Path path, Room room) {
    try {
      requireOurs(path);
      Files.createDirectories(path);
      FileChannel lock = lock(path);
      try {
        requireSpace(path, room.left(path));
        String clusterId = format(path);
        return new BrokerFolder(lock, path.resolve("log"), clusterId);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BrokerStartException(
          "The broker's folder "
              + path
              + " cannot be used ("
              + e
              + "). Make it readable and writable, or choose another one with --data.",
          e);
    }
  }

  Path logs() {
    return logs;
  }

  String clusterId() {
    return clusterId;
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireOurs(Path path) throws IOException {
    if (!Files.exists(path) || Files.exists(path.resolve("lock"))) {
      return;
    }
    try (Stream<Path> entries = Files.list(path)) {
      if (entries.findAny().isPresent()) {
        throw new BrokerStartException(
            path
                + " holds files that no embedded broker wrote. Choose an empty or a new folder with"
                + " --data.");
      }
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      held = null;
    }
    if (held == null) {
      channel.close();
      throw new BrokerStartException(
          "The broker's folder "
              + path
              + " is in use by another running instance. Stop that one, or choose another folder"
              + " with --data.");
    }
    return channel;
  }

  private static void requireSpace(Path path, long free) {
    if (free < LEAST_FREE_BYTES) {
      throw new BrokerStartException(
          "The disk of "
              + path
              + " has "
              + (free >> 20)
              + " MiB left, and the broker wants at least "
              + (LEAST_FREE_BYTES >> 20)
              + " MiB. Make room, or choose another folder with --data.");
    }
  }

  private static String format(Path path) throws IOException {
    Path version = path.resolve("kafka.version");
    Path logs = path.resolve("log");
    String ours = AppInfoParser.getVersion();
    Path metaFile = logs.resolve("meta.properties");
    if (Files.exists(metaFile)) {
      String theirs = Files.exists(version) ? Files.readString(version).strip() : "unknown";
      if (!continues(theirs, ours)) {
        throw new BrokerStartException(
            path
                + " was written by Kafka "
                + theirs
                + ", and this is Kafka "
                + ours
                + ", which cannot read it. Use the newer release again, or choose another folder"
                + " with --data.");
      }
      Files.writeString(version, ours);
      return clusterId(metaFile);
    }
    String clusterId = Uuid.randomUuid().toString();
    Files.createDirectories(logs);
    Files.writeString(version, ours);
    runFormatter(logs, clusterId);
    return clusterId;
  }

  private static String clusterId(Path metaFile) throws IOException {
    Properties meta = new Properties();
    try (InputStream in = Files.newInputStream(metaFile)) {
      meta.load(in);
    }
    String clusterId = meta.getProperty("cluster.id");
    if (clusterId == null) {
      throw new IOException(metaFile + " has no cluster.id");
    }
    return clusterId;
  }

  private static void runFormatter(Path logs, String clusterId) throws IOException {
    try {
      new Formatter()
          .setNodeId(NODE)
          .setClusterId(clusterId)
          .setControllerListenerName(CONTROLLER_LISTENER)
          .setMetadataLogDirectory(logs.toString())
          .addDirectory(logs.toString())
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
          .run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) { // what Formatter.run declares
      throw new IOException(e);
    }
  }

  /** Whether {@code ours} is the version that wrote last, or a newer one. */
  static boolean continues(String theirs, String ours) {
    if (!theirs.matches("\\d+(\\.\\d+)*") || !ours.matches("\\d+(\\.\\d+)*")) {
      return theirs.equals(ours);
    }
    return Arrays.compare(numbers(theirs), numbers(ours)) <= 0;
  }

  private static int[] numbers(String version) {
    return Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray();
  }
}
