package stream.adasim.learner.decode;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Tells an image sent again from one replaced under the same id. */
public final class Fingerprint {
  private Fingerprint() {}

  /**
   * The first 8 bytes, big endian, of the SHA-256 of the buffer's remaining bytes. The buffer's
   * position stays.
   */
  public static long of(ByteBuffer bytes) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(bytes.duplicate());
      return ByteBuffer.wrap(sha256.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }
}
