package stream.adasim.learner.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gathers tensors of 32-bit floats and writes them as one file. Not thread-safe. */
public final class SafetensorsWriter {
  private static final int CHUNK = 1 << 16;

  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
  private final Map<String, float[]> contents = new LinkedHashMap<>();
  private long end;

  /**
   * Adds a tensor.
   *
   * @param shape whose product is the number of elements
   * @throws IllegalArgumentException if it isn't, or there is a tensor of that name
   */
  public void add(String name, List<Integer> shape, float[] elements) {
    long size = shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    if (size != elements.length || entries.containsKey(name)) {
      throw new IllegalArgumentException(
          "tensor "
              + name
              + " of shape "
              + shape
              + " has "
              + elements.length
              + " elements, expected "
              + size
              + " and a name that is new");
    }
    long begin = end;
    end += (long) Float.BYTES * elements.length;
    List<Long> extents = shape.stream().map(Integer::longValue).toList();
    entries.put(name, new TensorEntry(name, ElementKind.F32, extents, begin, end));
    contents.put(name, elements);
  }

  /**
   * Writes the file, in place of one that is there: aside first, then renamed, so that it is there
   * whole or not at all.
   *
   * @param metadata free text by name
   */
  public void write(Path file, Map<String, String> metadata) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(
              aside,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        write(channel, new Header(entries, metadata).toJson());
      }
      Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private void write(FileChannel channel, byte[] header) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(CHUNK * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length);
    all(channel, bytes.flip());
    all(channel, ByteBuffer.wrap(header));
    for (float[] elements : contents.values()) {
      for (int done = 0; done < elements.length; done += CHUNK) {
        int count = Math.min(CHUNK, elements.length - done);
        bytes.clear().asFloatBuffer().put(elements, done, count);
        all(channel, bytes.limit(count * Float.BYTES));
      }
    }
    channel.force(true);
  }

  private static void all(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
