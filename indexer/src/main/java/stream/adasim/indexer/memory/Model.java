package stream.adasim.indexer.memory;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Model ids as the stores keep them: 8 bytes instead of a text that every value would repeat. */
public final class Model {
  private Model() {}

  /** First 8 bytes, big endian, of the SHA-256 of the id in UTF-8. */
  public static long hash(String modelId) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(modelId.getBytes(UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
