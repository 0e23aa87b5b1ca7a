package stream.adasim.ingest.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Turns one file or archive entry into an item: looks at its name, its size and its first bytes,
 * never at its pixels.
 */
final class Reading {
  private final String source;
  private final String idStart;
  private final int maxBytes;

  /** Opens an entry's bytes; called at most once. */
  @FunctionalInterface
  interface Content {
    InputStream open() throws IOException;
  }

  /**
   * @param idStart what ids start with, its separator included
   */
  Reading(String source, String idStart, int maxBytes) {
    this.source = source;
    this.idStart = idStart;
    this.maxBytes = maxBytes;
  }

  String id(EntryName name) {
    return idStart + name.path();
  }

  Item read(EntryName name, long size, @Nullable Instant modified, Content content) {
    if (name.hidden() || name.plainlyNoImage()) {
      return new Skipped(id(name));
    }
    if (size > maxBytes) {
      return tooLarge(name, size + " bytes");
    }
    ByteBuffer bytes;
    try (InputStream in = content.open()) {
      bytes = ByteBuffer.wrap(in.readNBytes(maxBytes + 1));
    } catch (IOException e) {
      return new Unreadable(id(name), why(e));
    }
    if (bytes.limit() > maxBytes) {
      return tooLarge(name, "more");
    }
    if (bytes.limit() == 0) {
      return new Unreadable(id(name), "is empty");
    }
    Optional<ImageFormat> format = ImageFormat.of(bytes);
    if (format.isEmpty()) {
      return new Unreadable(id(name), notAnImage(bytes));
    }
    return new SourceImage(
        id(name), bytes, format.get().mediaType(), modified, source, name.label(), Map.of());
  }

  /** Reads a file; only regular ones, since a pipe would wait for ever. */
  Item read(EntryName name, Path file) {
    if (name.path().indexOf('\uFFFD') >= 0) {
      return new Unreadable(
          id(name),
          "has a name that "
              + System.getProperty("sun.jnu.encoding")
              + " cannot show, so its id would not be unique: rename it or set LC_ALL=C.UTF-8");
    }
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        return new Skipped(id(name));
      }
      if (attributes.size() > maxBytes && !name.hidden() && !name.plainlyNoImage()) {
        return tooLargeFile(name, file, attributes.size());
      }
      Instant modified = attributes.lastModifiedTime().toInstant();
      return read(name, attributes.size(), modified, () -> Files.newInputStream(file));
    } catch (IOException e) {
      return new Unreadable(id(name), why(e));
    }
  }

  /** An archive that lies in a folder is more likely misplaced than an oversized image. */
  private Unreadable tooLargeFile(EntryName name, Path file, long size) throws IOException {
    ByteBuffer start;
    try (InputStream in = Files.newInputStream(file)) {
      start = ByteBuffer.wrap(in.readNBytes(Kind.BYTES_NEEDED));
    }
    return switch (Kind.of(start)) {
      case TAR, ZIP, GZIP, IDX_IMAGES, IDX_LABELS -> new Unreadable(id(name), notAnImage(start));
      case IMAGE, UNKNOWN -> tooLarge(name, size + " bytes");
    };
  }

  private Unreadable tooLarge(EntryName name, String found) {
    return new Unreadable(
        id(name), "is larger than image.max-bytes=" + maxBytes + " (found " + found + ")");
  }

  private static String notAnImage(ByteBuffer bytes) {
    return switch (Kind.of(bytes)) {
      case TAR, ZIP -> "is an archive inside a source: give it as a PATH of its own";
      case GZIP -> "is compressed: give it as a PATH of its own if it is an archive";
      case IDX_IMAGES, IDX_LABELS -> "is an IDX file: give the images file as a PATH of its own";
      case IMAGE, UNKNOWN -> "is no JPEG, PNG, GIF, BMP, WebP or TIFF by its first bytes";
    };
  }

  /** An I/O error in half a line. */
  static String why(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "may not be read: permission denied";
      case NoSuchFileException _ -> "is not there (any more)";
      default -> {
        String message = e.getMessage();
        yield "cannot be read: "
            + (message == null || message.isBlank()
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElseThrow());
      }
    };
  }
}
