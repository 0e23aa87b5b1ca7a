package stream.adasim.learner.decode;

import java.nio.ByteBuffer;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A buffer as ImageIO reads it: no copy, no cache, no file, whatever {@code ImageIO.setUseCache}
 * says to the rest of the program.
 */
final class BufferInput extends ImageInputStreamImpl {
  private final ByteBuffer buffer;

  /** Reads all of a buffer that starts at 0. */
  BufferInput(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  @Override
  public int read() {
    bitOffset = 0;
    return streamPos < buffer.limit() ? buffer.get((int) streamPos++) & 0xFF : -1;
  }

  @Override
  public int read(byte[] to, int offset, int length) {
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (streamPos >= buffer.limit()) {
      return -1;
    }
    int read = (int) Math.min(length, buffer.limit() - streamPos);
    buffer.get((int) streamPos, to, offset, read);
    streamPos += read;
    return read;
  }

  @Override
  public long length() {
    return buffer.limit();
  }
}
