package stream.adasim.ingest.source;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Grey images in the IDX format of MNIST (big-endian: 0x00000803, count, rows, columns, then one
 * byte for each pixel), plain or gzipped; each becomes a PNG. Ids are {@code file name#index}. The
 * label is the number in the labels file beside it: the same name with "images" and "idx3" replaced
 * by "labels" and "idx1".
 *
 * <p>A plain file shuffles through its positions. A gzipped one is held in memory for that up to
 * 256 MiB of pixels; a larger one goes through a buffer as a compressed tar does.
 */
public record IdxFile(Path path, boolean gzipped, int maxBytes) implements Source {
  private static final int IMAGES = 0x00000803;
  private static final int LABELS = 0x00000801;
  private static final long MAX_HELD_BYTES = 256L << 20;
  private static final int MAX_SIDE = 1 << 14;

  /** The file's header. */
  private record Header(int count, int rows, int columns) {
    static final int BYTES = 16;

    int imageBytes() {
      return rows * columns;
    }

    long bytes() {
      return (long) count * imageBytes();
    }
  }

  @Override
  public String name() {
    return EntryName.ofPath(path.toAbsolutePath().getFileName()).path();
  }

  @Override
  public OptionalLong count() {
    try (DataInputStream in = open(path)) {
      return OptionalLong.of(header(in).count);
    } catch (IOException e) {
      return OptionalLong.of(1); // the one line that says why
    }
  }

  @Override
  public Items items(Order order) {
    try (DataInputStream in = open(path)) {
      Header header = header(in);
      byte @Nullable [] labels = labels(header);
      if (!gzipped) {
        FileChannel file = FileChannel.open(path);
        return indexed(
            header,
            labels,
            order,
            file.size() - Header.BYTES,
            at -> Channels.newInputStream(file.position(Header.BYTES + at)),
            file);
      }
      return switch (order) {
        case Order.AsStored() -> new FrontToBack(labels);
        case Order.Shuffled(long seed) when header.bytes() > MAX_HELD_BYTES ->
            new ShuffleBuffer(new FrontToBack(labels), seed);
        case Order.Shuffled _ -> {
          byte[] all = upToTheBreak(in, (int) header.bytes());
          yield indexed(
              header,
              labels,
              order,
              all.length,
              at -> new ByteArrayInputStream(all, (int) at, header.imageBytes()),
              () -> {});
        }
      };
    } catch (IOException e) {
      return new FixedItems(new Unreadable(name(), Reading.why(e)));
    }
  }

  /** Opens the pixels at an offset behind the header. */
  @FunctionalInterface
  private interface Pixels {
    InputStream from(long offset) throws IOException;
  }

  /**
   * Images that can be read in any order; a file that is too short has one more, unreadable item.
   */
  private Items indexed(
      Header header,
      byte @Nullable [] labels,
      Order order,
      long bytes,
      Pixels pixels,
      Closeable held) {
    int whole = (int) Math.min(header.count, bytes / header.imageBytes());
    return new IndexedItems(
        whole < header.count ? whole + 1 : whole,
        order,
        i -> {
          if (i == whole) {
            return cutOff(whole, header);
          }
          try {
            InputStream in = pixels.from((long) i * header.imageBytes());
            return image(i, header, labels, in.readNBytes(header.imageBytes()));
          } catch (IOException e) {
            return new Unreadable(name() + "#" + i, Reading.why(e));
          }
        },
        held);
  }

  private Item image(int i, Header header, byte @Nullable [] labels, byte[] pixels) {
    ByteBuffer png = Png.encode(pixels, header.columns, header.rows, 1);
    if (png.limit() > maxBytes) {
      return new Unreadable(name() + "#" + i, "is larger than image.max-bytes=" + maxBytes);
    }
    String label = labels == null ? null : Integer.toString(labels[i] & 0xff);
    return new SourceImage(
        name() + "#" + i, png, ImageFormat.PNG.mediaType(), null, name(), label, Map.of());
  }

  private Unreadable cutOff(int images, Header header) {
    return new Unreadable(
        name(), "is cut off: it holds " + images + " of " + header.count + " images");
  }

  private DataInputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      boolean packed = file.toString().endsWith(".gz") || (file.equals(path) && gzipped);
      return new DataInputStream(packed ? new GZIPInputStream(in, 1 << 16) : in);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static Header header(DataInputStream in) throws IOException {
    int magic = in.readInt();
    var header = new Header(in.readInt(), in.readInt(), in.readInt());
    if (magic != IMAGES
        || header.count < 0
        || header.rows < 1
        || header.columns < 1
        || header.rows > MAX_SIDE
        || header.columns > MAX_SIDE) {
      throw new IOException(
          String.format("not an IDX file of grey images: magic 0x%08x, found %s", magic, header));
    }
    return header;
  }

  /** The labels that belong to the images, one byte each, or null where there is no such file. */
  private byte @Nullable [] labels(Header header) throws IOException {
    Optional<Path> file = labelsFile();
    if (file.isEmpty()) {
      return null;
    }
    try (DataInputStream in = open(file.get())) {
      int magic = in.readInt();
      int count = in.readInt();
      byte[] labels = magic == LABELS && count == header.count ? in.readNBytes(count) : new byte[0];
      if (labels.length != header.count) {
        throw new IOException(
            String.format(
                "its labels file %s does not fit: magic 0x%08x, %d labels for %d images; repair it"
                    + " or move it away",
                file.get().getFileName(), magic, count, header.count));
      }
      return labels;
    }
  }

  private Optional<Path> labelsFile() {
    String images = path.getFileName().toString();
    String labels = images.replace("images", "labels").replace("idx3", "idx1");
    if (labels.equals(images)) {
      return Optional.empty();
    }
    String bare = labels.endsWith(".gz") ? labels.substring(0, labels.length() - 3) : labels;
    return Stream.of(labels, bare, bare + ".gz")
        .map(path::resolveSibling)
        .filter(Files::isRegularFile)
        .findFirst();
  }

  /** Inflates up to so many bytes; a broken file gives what lies before the break. */
  private static byte[] upToTheBreak(InputStream in, int bytes) {
    byte[] all = new byte[bytes];
    int read = 0;
    try {
      while (read < bytes) {
        int more = in.read(all, read, bytes - read);
        if (more < 0) {
          break;
        }
        read += more;
      }
    } catch (IOException _) {
      // The images before the break are whole; the caller names the file as cut off.
    }
    return read == bytes ? all : Arrays.copyOf(all, read);
  }

  /** A gzipped file, which only goes forward. */
  private final class FrontToBack implements Items {
    private final DataInputStream in;
    private final Header header;
    private final byte @Nullable [] labels;
    private int next;
    private boolean ended;

    FrontToBack(byte @Nullable [] labels) throws IOException {
      this.in = open(path);
      this.header = header(in);
      this.labels = labels;
    }

    @Override
    public @Nullable Item next() {
      if (ended || next == header.count) {
        return null;
      }
      byte[] pixels = new byte[header.imageBytes()];
      try {
        in.readFully(pixels);
      } catch (IOException _) {
        ended = true;
        return cutOff(next, header);
      }
      return image(next++, header, labels, pixels);
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
