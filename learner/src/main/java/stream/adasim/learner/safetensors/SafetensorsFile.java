package stream.adasim.learner.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file in the safetensors format, open for reading: the length of the header (8 bytes, little
 * endian), the header in JSON, the data (little endian, row major). The header is checked against
 * the file before anything is read by it. Tensors are read when they are asked for.
 */
public final class SafetensorsFile implements AutoCloseable {
  /** What the format's own reader takes at most. */
  private static final long MAX_HEADER = 100_000_000;

  private static final int CHUNK = 1 << 16;

  private final Path file;
  private final FileChannel channel;
  private final Header header;
  private final long dataStart;

  private SafetensorsFile(Path file, FileChannel channel, Header header, long dataStart) {
    this.file = file;
    this.channel = channel;
    this.header = header;
    this.dataStart = dataStart;
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws SafetensorsException naming the file and what is wrong with it: no header, a header
   *     that is no JSON, a tensor that doesn't lie within the data, a truncated file
   */
  public static SafetensorsFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      long size = channel.size();
      if (size < Long.BYTES) {
        throw new SafetensorsException(
            file, "has " + size + " bytes, expected a safetensors file, of 8 or more");
      }
      long length = read(file, channel, 0, Long.BYTES).getLong();
      if (length < 0 || length > Math.min(MAX_HEADER, size - Long.BYTES)) {
        throw new SafetensorsException(
            file,
            "claims a header of %s bytes, of %,d in all: it is truncated or no safetensors file"
                .formatted(Long.toUnsignedString(length), size));
      }
      long dataStart = Long.BYTES + length;
      byte[] json = read(file, channel, Long.BYTES, Math.toIntExact(length)).array();
      Header header = Header.parse(file, json, size - dataStart);
      return new SafetensorsFile(file, channel, header, dataStart);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  public Path path() {
    return file;
  }

  /** Free text by name. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** All tensors, in the order in which they lie in the file. */
  public List<TensorEntry> tensors() {
    return List.copyOf(header.tensors().values());
  }

  /** A tensor by name. */
  public Optional<TensorEntry> find(String name) {
    return Optional.ofNullable(header.tensors().get(name));
  }

  /**
   * Elements of a tensor in row-major order, as floats; halves and bfloat16 convert exactly,
   * doubles are rounded.
   *
   * @throws SafetensorsException if there is no such tensor, or its elements are of another kind
   */
  public float[] floats(String name) throws IOException {
    TensorEntry entry = header.tensors().get(name);
    if (entry == null) {
      throw new SafetensorsException(
          file, "lacks tensor " + name + "; it holds " + header.tensors().size() + " others");
    }
    if (entry.size() > Integer.MAX_VALUE - 8) {
      throw new SafetensorsException(file, "tensor " + entry + " is too large to be read at once");
    }
    float[] floats = new float[(int) entry.size()];
    int width = entry.kind().bytes();
    for (int done = 0; done < floats.length; done += CHUNK) {
      int count = Math.min(CHUNK, floats.length - done);
      ByteBuffer bytes =
          read(file, channel, dataStart + entry.begin() + (long) done * width, count * width);
      for (int i = done; i < done + count; i++) {
        floats[i] =
            switch (entry.kind()) {
              case F32 -> bytes.getFloat();
              case F16 -> Float.float16ToFloat(bytes.getShort());
              case BF16 -> Float.intBitsToFloat(bytes.getShort() << 16);
              case F64 -> (float) bytes.getDouble();
              default ->
                  throw new SafetensorsException(
                      file, "tensor " + entry + " must hold F32, F16, BF16 or F64");
            };
      }
    }
    return floats;
  }

  private static ByteBuffer read(Path file, FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EOFException(file + " has become shorter while it was read; try again");
      }
    }
    return bytes.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
