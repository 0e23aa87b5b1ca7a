package stream.adasim.learner.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Strings of any length: writeUTF stops at 65,535 bytes, and the keys of a topic may be longer. */
public final class Strings {
  private Strings() {}

  public static void write(DataOutput out, String string) throws IOException {
    var utf8 = string.getBytes(UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException where it isn't that
   */
  public static String read(DataInput in) throws IOException {
    var length = in.readInt();
    if (length < 0) {
      throw new IOException("found a string of %d bytes, expected 0 or more".formatted(length));
    }
    var utf8 = new byte[length];
    in.readFully(utf8);
    return new String(utf8, UTF_8);
  }
}
