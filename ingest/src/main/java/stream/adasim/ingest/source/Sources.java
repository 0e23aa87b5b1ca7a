package stream.adasim.ingest.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * Tells what kind of source a path is, by what it holds; its name decides only between archives.
 */
public final class Sources {

  private Sources() {}

  /**
   * Looks at a path.
   *
   * @param maxBytes the largest image that is let through
   * @throws SourceException if the path is missing or no source; the message is one line
   */
  public static Source of(Path path, int maxBytes) {
    if (Files.isDirectory(path)) {
      return new Folder(path, maxBytes);
    }
    if (!Files.exists(path)) {
      throw new SourceException(path + ": there is no such file or folder");
    }
    if (!Files.isRegularFile(path)) {
      throw new SourceException(path + ": is neither a file nor a folder");
    }
    try {
      return ofFile(path, maxBytes);
    } catch (IOException e) {
      throw new SourceException(path + ": " + Reading.why(e));
    }
  }

  private static Source ofFile(Path path, int maxBytes) throws IOException {
    boolean namedTar = lowerName(path).endsWith(".tar");
    boolean namedPackedTar = lowerName(path).matches(".*\\.(tgz|tar\\.gz)");
    boolean namedZip = lowerName(path).endsWith(".zip");
    Kind kind = Kind.of(start(Files.newInputStream(path)));
    return switch (kind) {
      case IMAGE -> new ImageFile(path, maxBytes);
      case TAR -> new Archive(path, Archive.Format.TAR, maxBytes);
      case ZIP -> new Archive(path, Archive.Format.ZIP, maxBytes);
      case GZIP -> ofGzip(path, namedPackedTar, maxBytes);
      case IDX_IMAGES -> new IdxFile(path, false, maxBytes);
      case IDX_LABELS -> throw labels(path);
      case UNKNOWN -> {
        // Tars older than ustar have no magic; and a broken archive is named as such when read.
        if (namedTar) {
          yield new Archive(path, Archive.Format.TAR, maxBytes);
        }
        if (namedZip) {
          yield new Archive(path, Archive.Format.ZIP, maxBytes);
        }
        throw unknown(path);
      }
    };
  }

  private static Source ofGzip(Path path, boolean namedPackedTar, int maxBytes) throws IOException {
    Kind inside;
    try {
      inside = Kind.of(start(new GZIPInputStream(Files.newInputStream(path))));
    } catch (IOException e) {
      if (namedPackedTar) {
        return new Archive(path, Archive.Format.TAR_GZ, maxBytes);
      }
      throw e;
    }
    return switch (inside) {
      case TAR -> new Archive(path, Archive.Format.TAR_GZ, maxBytes);
      case IDX_IMAGES -> new IdxFile(path, true, maxBytes);
      case IDX_LABELS -> throw labels(path);
      case IMAGE, ZIP, GZIP, UNKNOWN -> {
        if (namedPackedTar) {
          yield new Archive(path, Archive.Format.TAR_GZ, maxBytes);
        }
        throw unknown(path);
      }
    };
  }

  private static ByteBuffer start(InputStream file) throws IOException {
    try (InputStream in = new BufferedInputStream(file)) {
      return ByteBuffer.wrap(in.readNBytes(Kind.BYTES_NEEDED));
    }
  }

  private static String lowerName(Path path) {
    return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
  }

  private static SourceException labels(Path path) {
    return new SourceException(
        path + ": holds labels, not images; give the images file, the labels beside it are found");
  }

  private static SourceException unknown(Path path) {
    return new SourceException(
        path
            + ": is no image source: expected a folder, a tar, tar.gz or zip archive, an IDX file of"
            + " images or a single image");
  }
}
