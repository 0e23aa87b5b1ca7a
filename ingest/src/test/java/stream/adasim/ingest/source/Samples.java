package stream.adasim.ingest.source;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Files that the tests make for themselves. */
final class Samples {
  static final int MAX_BYTES = 10_000;

  /** A file in an archive. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Entry(String name, byte[] bytes) {}

  private Samples() {}

  /** A grey image of 3x2 pixels; different numbers, different bytes. */
  static byte[] png(int number) {
    byte[] pixels = new byte[6];
    Arrays.fill(pixels, (byte) number);
    return bytes(Png.encode(pixels, 3, 2, 1));
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** Without the temporary file that ImageIO would make of a plain stream. */
  static BufferedImage decode(SourceImage image) throws IOException {
    return ImageIO.read(
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes(image.bytes()))));
  }

  static Path file(Path folder, String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  static byte[] tar(Entry... entries) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(out, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Entry entry : entries) {
        var header = new TarArchiveEntry(entry.name(), true);
        header.setSize(entry.bytes().length);
        header.setModTime(0);
        tar.putArchiveEntry(header);
        tar.write(entry.bytes());
        tar.closeArchiveEntry();
      }
    }
    return out.toByteArray();
  }

  static byte[] zip(Entry... entries) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new ZipArchiveOutputStream(out)) {
      for (Entry entry : entries) {
        zip.putArchiveEntry(new ZipArchiveEntry(entry.name()));
        zip.write(entry.bytes());
        zip.closeArchiveEntry();
      }
    }
    return out.toByteArray();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /** Images of 2x2 pixels; all pixels of image i are i. */
  static byte[] idxImages(int declared, int held) {
    var file = ByteBuffer.allocate(16 + 4 * held);
    file.putInt(0x0803).putInt(declared).putInt(2).putInt(2);
    for (int i = 0; i < 4 * held; i++) {
      file.put((byte) (i / 4));
    }
    return file.array();
  }

  /** The label of image i is 9 - i. */
  static byte[] idxLabels(int count) {
    var file = ByteBuffer.allocate(8 + count).putInt(0x0801).putInt(count);
    for (int i = 0; i < count; i++) {
      file.put((byte) (9 - i));
    }
    return file.array();
  }

  static List<Item> stored(Source source) {
    return all(source.items(new Order.AsStored()));
  }

  static List<Item> shuffled(Source source, long seed) {
    return all(source.items(new Order.Shuffled(seed)));
  }

  static List<Item> all(Items items) {
    var all = new ArrayList<Item>();
    try (items) {
      for (Item item = items.next(); item != null; item = items.next()) {
        all.add(item);
      }
    }
    return all;
  }

  static List<String> names(List<Item> items) {
    return items.stream().map(Item::name).toList();
  }

  static List<SourceImage> images(List<Item> items) {
    return items.stream()
        .filter(SourceImage.class::isInstance)
        .map(SourceImage.class::cast)
        .toList();
  }

  static List<Unreadable> unreadable(List<Item> items) {
    return items.stream().filter(Unreadable.class::isInstance).map(Unreadable.class::cast).toList();
  }
}
