package stream.adasim.ingest.source;

import java.nio.ByteBuffer;

/** What a file is, told by its first bytes. */
enum Kind {
  IMAGE,
  TAR,
  ZIP,
  GZIP,
  IDX_IMAGES,
  IDX_LABELS,
  UNKNOWN;

  /** Enough to see the magic of a tar, which sits at 257. */
  static final int BYTES_NEEDED = 512;

  static Kind of(ByteBuffer start) {
    if (ImageFormat.of(start).isPresent()) {
      return IMAGE;
    }
    if (ImageFormat.starts(start, 0, "\u001f\u008b")) {
      return GZIP;
    }
    if (ImageFormat.starts(start, 0, "PK\u0003\u0004")
        || ImageFormat.starts(start, 0, "PK\u0005\u0006")) {
      return ZIP;
    }
    if (ImageFormat.starts(start, 257, "ustar")) {
      return TAR;
    }
    if (ImageFormat.starts(start, 0, "\0\0\u0008\u0003")) {
      return IDX_IMAGES;
    }
    if (ImageFormat.starts(start, 0, "\0\0\u0008\u0001")) {
      return IDX_LABELS;
    }
    return UNKNOWN;
  }
}
