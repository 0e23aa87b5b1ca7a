package stream.adasim.ingest.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/** The image formats that are let through, told by their first bytes alone. */
public enum ImageFormat {
  JPEG("image/jpeg"),
  PNG("image/png"),
  GIF("image/gif"),
  BMP("image/bmp"),
  WEBP("image/webp"),
  TIFF("image/tiff");

  /** Sizes of the headers that follow a BMP's file header; "BM" alone would let text through. */
  private static final Set<Integer> BMP_HEADERS = Set.of(12, 16, 40, 52, 56, 64, 108, 124);

  private final String mediaType;

  ImageFormat(String mediaType) {
    this.mediaType = mediaType;
  }

  public String mediaType() {
    return mediaType;
  }

  /**
   * What a file is.
   *
   * @param file from its first byte on
   */
  public static Optional<ImageFormat> of(ByteBuffer file) {
    if (starts(file, 0, "\u00ff\u00d8\u00ff")) {
      return Optional.of(JPEG);
    }
    if (starts(file, 0, "\u0089PNG\r\n\u001a\n")) {
      return Optional.of(PNG);
    }
    if (starts(file, 0, "GIF87a") || starts(file, 0, "GIF89a")) {
      return Optional.of(GIF);
    }
    if (starts(file, 0, "RIFF") && starts(file, 8, "WEBP")) {
      return Optional.of(WEBP);
    }
    if (starts(file, 0, "II*\0") || starts(file, 0, "MM\0*")) {
      return Optional.of(TIFF);
    }
    if (starts(file, 0, "BM")
        && file.limit() >= 18
        && BMP_HEADERS.contains(Integer.reverseBytes(file.getInt(14)))) {
      return Optional.of(BMP);
    }
    return Optional.empty();
  }

  static boolean starts(ByteBuffer file, int at, String magic) {
    var wanted = ByteBuffer.wrap(magic.getBytes(StandardCharsets.ISO_8859_1));
    return file.limit() >= at + wanted.limit() && file.slice(at, wanted.limit()).equals(wanted);
  }
}
