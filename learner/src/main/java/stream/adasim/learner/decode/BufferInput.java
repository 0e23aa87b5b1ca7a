package stream.adasim.learner.decode;

import java.nio.ByteBuffer;
import javax.imageio.IIOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A buffer as ImageIO reads it: no copy, no cache, no file, whatever {@code ImageIO.setUseCache}
 * says to the rest of the program.
 *
 * <p>A decoder that keeps reading behind the end is stopped: TwelveMonkeys' WebP reader takes zeros
 * for what is missing, and a damaged header of a few bytes can keep it busy with them for minutes.
 */
final class BufferInput extends ImageInputStreamImpl {
  private static final int READS_BEHIND_END = 1000;

  private final ByteBuffer buffer;
  private int readsBehindEnd;

  /** Reads all of a buffer that starts at 0. */
  BufferInput(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  @Override
  public int read() throws IIOException {
    bitOffset = 0;
    return streamPos < buffer.limit() ? buffer.get((int) streamPos++) & 0xFF : end();
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IIOException {
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (streamPos >= buffer.limit()) {
      return end();
    }
    int read = (int) Math.min(length, buffer.limit() - streamPos);
    buffer.get((int) streamPos, to, offset, read);
    streamPos += read;
    return read;
  }

  private int end() throws IIOException {
    if (++readsBehindEnd > READS_BEHIND_END) {
      throw new IIOException("its data ends early: %,d bytes".formatted(buffer.limit()));
    }
    return -1;
  }

  @Override
  public long length() {
    return buffer.limit();
  }
}
