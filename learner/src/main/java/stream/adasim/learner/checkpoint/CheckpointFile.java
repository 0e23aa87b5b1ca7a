package stream.adasim.learner.checkpoint;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The file of a checkpoint: magic, format version (int), step (long), body, length of the body
 * (long), SHA-256 of everything before it. Big endian.
 */
final class CheckpointFile {
  static final int VERSION = 2;

  private static final long MAGIC = 0x41646153696D430AL; // "AdaSimC\n"
  private static final int HEADER = Long.BYTES + Integer.BYTES + Long.BYTES;
  private static final int DIGEST = 32;
  private static final int FOOTER = Long.BYTES + DIGEST;
  private static final int BUFFER = 1 << 16;

  private CheckpointFile() {}

  /** Writes a file and forces it to the disk. */
  static void write(Path file, long step, CheckpointStore.Writer body) throws IOException {
    try (var channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var sha256 = sha256();
      var digesting = new DigestOutputStream(Channels.newOutputStream(channel), sha256);
      var out = unclosable(new BufferedOutputStream(digesting, BUFFER));
      out.writeLong(MAGIC);
      out.writeInt(VERSION);
      out.writeLong(step);
      body.write(out);
      out.flush();
      out.writeLong(channel.position() - HEADER); // out.size() ends at 2 GiB
      out.flush();
      digesting.on(false);
      out.write(sha256.digest());
      out.flush();
      channel.force(true);
    }
  }

  /** A writer that wraps what it gets and closes that must not close the file. */
  private static DataOutputStream unclosable(OutputStream to) {
    return new DataOutputStream(to) {
      @Override
      public void close() throws IOException {
        flush();
      }
    };
  }

  /** Opens a file that is without fault, at its body. */
  static Loaded open(Path file) throws IOException {
    var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER));
    try {
      in.skipNBytes(Long.BYTES + Integer.BYTES);
      var step = in.readLong();
      var body = new Bounded(in, Files.size(file) - HEADER - FOOTER);
      return new Loaded(file, step, new DataInputStream(body));
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Why a file can't be used, or empty where it can. Reads all of it. */
  static Optional<String> fault(Path file, long step) throws IOException {
    return faultOf(file, step).map(fault -> "Checkpoint %s is %s".formatted(file, fault));
  }

  private static Optional<String> faultOf(Path file, long step) throws IOException {
    long length = Files.size(file);
    if (length < HEADER + FOOTER) {
      return Optional.of(
          "truncated: %,d bytes, expected at least %d".formatted(length, HEADER + FOOTER));
    }
    try (var in = Files.newInputStream(file)) {
      var header = ByteBuffer.wrap(in.readNBytes(HEADER));
      if (header.getLong() != MAGIC) {
        return Optional.of("damaged: its first 8 bytes are not AdaSimC and a line feed");
      }
      int version = header.getInt();
      if (version != VERSION) {
        return Optional.of("of format version %d, expected %d".formatted(version, VERSION));
      }
      long found = header.getLong();
      var sha256 = sha256();
      sha256.update(header.rewind());
      update(sha256, in, length - HEADER - FOOTER);
      return footerFault(ByteBuffer.wrap(in.readNBytes(FOOTER)), sha256, length - HEADER - FOOTER)
          .or(() -> stepFault(found, step));
    }
  }

  private static Optional<String> footerFault(
      ByteBuffer footer, MessageDigest sha256, long expected) {
    long body = footer.getLong(0);
    if (body != expected) {
      return Optional.of(
          "truncated or damaged: its last part claims a body of %,d bytes, expected %,d"
              .formatted(body, expected));
    }
    sha256.update(footer.slice(0, Long.BYTES));
    var computed = sha256.digest();
    var written = new byte[DIGEST];
    footer.get(Long.BYTES, written);
    return MessageDigest.isEqual(computed, written)
        ? Optional.empty()
        : Optional.of(
            "damaged: its content has SHA-256 %s, expected %s"
                .formatted(HexFormat.of().formatHex(computed), HexFormat.of().formatHex(written)));
  }

  private static Optional<String> stepFault(long found, long expected) {
    return found == expected
        ? Optional.empty()
        : Optional.of("of step %d, expected step %d as in its name".formatted(found, expected));
  }

  private static void update(MessageDigest sha256, InputStream in, long length) throws IOException {
    var buffer = new byte[BUFFER];
    while (length > 0) {
      int read = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, length));
      if (read == 0) {
        return; // shorter than a moment ago: the checksum will say so
      }
      sha256.update(buffer, 0, read);
      length -= read;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }
}
