package stream.adasim.ingest.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import stream.adasim.http.Body;
import stream.adasim.http.Problem;
import stream.adasim.http.ProblemException;
import stream.adasim.ingest.source.ImageFormat;

/** Reads encoded images, with their memory accounted for. */
final class ImageBody {
  private static final int CHUNK = 1 << 16;
  private static final int SHOWN = 8;

  private final int maxBytes;

  /**
   * @param maxBytes of one image
   */
  ImageBody(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  int maxBytes() {
    return maxBytes;
  }

  /**
   * All bytes of a stream.
   *
   * @param announced its length, where somebody said it
   * @param share pays for them
   * @throws ProblemException 413 where it is longer than an image may be, 429 where there is no
   *     room
   */
  byte[] read(InputStream in, OptionalLong announced, Budget.Share share) throws IOException {
    if (announced.isPresent() && announced.getAsLong() > maxBytes) {
      throw Body.tooLarge(maxBytes);
    }
    if (announced.isPresent()) {
      share.take(announced.getAsLong());
      byte[] bytes = new byte[(int) announced.getAsLong()];
      int read = in.readNBytes(bytes, 0, bytes.length);
      return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
    }
    List<byte[]> chunks = new ArrayList<>();
    int total = 0;
    for (byte[] chunk = next(in, share); chunk.length > 0; chunk = next(in, share)) {
      chunks.add(chunk);
      total += chunk.length;
      if (total > maxBytes) {
        throw Body.tooLarge(maxBytes);
      }
    }
    return joined(chunks, total);
  }

  private static byte[] next(InputStream in, Budget.Share share) throws IOException {
    byte[] chunk = in.readNBytes(CHUNK);
    share.take(chunk.length);
    return chunk;
  }

  private static byte[] joined(List<byte[]> chunks, int total) {
    if (chunks.size() == 1) {
      return chunks.getFirst();
    }
    ByteBuffer bytes = ByteBuffer.allocate(total);
    chunks.forEach(bytes::put);
    return bytes.array();
  }

  /**
   * What an image is by its first bytes.
   *
   * @throws ProblemException 415 where it is none
   */
  static ImageFormat format(byte[] bytes) {
    return ImageFormat.of(ByteBuffer.wrap(bytes))
        .orElseThrow(
            () ->
                new ProblemException(
                    new Problem(
                        415,
                        "found %s, expected a JPEG, PNG, GIF, BMP, WebP or TIFF"
                            .formatted(beginning(bytes)))));
  }

  private static String beginning(byte[] bytes) {
    return bytes.length == 0
        ? "nothing"
        : "bytes that begin with "
            + HexFormat.ofDelimiter(" ").formatHex(bytes, 0, Math.min(SHOWN, bytes.length));
  }
}
