package stream.adasim.learner.decode;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the end of the first image in a file. Decoders are lenient: of half a file some make an
 * image whose rest is grey, without a word. A stream must not train on those.
 */
final class Structure {
  private static final String CUT = "truncated: the %s ends after %d bytes without %s";

  private Structure() {}

  /** Why the file is not whole, or null where it is. */
  static @Nullable String fault(Format format, ByteBuffer file) {
    try {
      var end =
          switch (format) {
            case JPEG -> jpeg(file) ? null : "its end-of-image marker";
            case PNG -> png(file) ? null : "its IEND chunk";
            case GIF -> gif(file) ? null : "the end of its first frame";
            case WEBP -> riff(file) ? null : "as many bytes as its header claims";
            case BMP -> null; // its decoder fails for want of bytes
          };
      return end == null ? null : CUT.formatted(format, file.limit(), end);
    } catch (IndexOutOfBoundsException e) {
      return CUT.formatted(format, file.limit(), "the rest of the part that it is in");
    }
  }

  /** Whether an end marker follows the first scan; more bytes may follow that. */
  private static boolean jpeg(ByteBuffer file) {
    int scan = jpegScan(file);
    for (int i = file.limit() - 2; i >= scan; i--) {
      if (file.get(i) == (byte) 0xFF && file.get(i + 1) == (byte) 0xD9) {
        return true;
      }
    }
    return false;
  }

  /** Where the first scan starts. */
  private static int jpegScan(ByteBuffer file) {
    int at = 2;
    while (true) {
      int marker = jpegMarker(file, at);
      at = skipFill(file, at);
      if (marker == 0xDA) {
        return at;
      }
      at += 2 + unsigned(file, at + 2);
    }
  }

  /**
   * The orientation that the EXIF block of a JPEG file asks for, 1 to 8; 1, upright, where there is
   * none or it can't be read.
   */
  static int jpegOrientation(ByteBuffer file) {
    try {
      int at = 2;
      while (true) {
        int marker = jpegMarker(file, at);
        at = skipFill(file, at);
        if (marker == 0xDA) {
          return 1;
        }
        int length = unsigned(file, at + 2);
        if (marker == 0xE1 && length >= 16 && file.getLong(at + 4) >>> 16 == 0x457869660000L) {
          return exifOrientation(file.slice(at + 10, length - 8)); // behind "Exif\0\0"
        }
        at += 2 + length;
      }
    } catch (IndexOutOfBoundsException e) {
      return 1; // no decoder cares, so neither does this
    }
  }

  /** Of a TIFF header and what follows: tag 0x0112 of the first directory. */
  private static int exifOrientation(ByteBuffer tiff) {
    tiff.order(tiff.get(0) == 'I' ? LITTLE_ENDIAN : BIG_ENDIAN);
    int directory = tiff.getInt(4);
    int entries = tiff.getShort(directory) & 0xFFFF;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      if ((tiff.getShort(entry) & 0xFFFF) == 0x0112) {
        int orientation = tiff.getShort(entry + 8) & 0xFFFF;
        return orientation >= 1 && orientation <= 8 ? orientation : 1;
      }
    }
    return 1;
  }

  private static int jpegMarker(ByteBuffer file, int at) {
    if (file.get(at) != (byte) 0xFF) {
      throw new IndexOutOfBoundsException("No marker at " + at);
    }
    return file.get(skipFill(file, at) + 1) & 0xFF;
  }

  /** Markers may be preceded by any number of 0xFF: the position of the last of these. */
  private static int skipFill(ByteBuffer file, int at) {
    while (file.get(at + 1) == (byte) 0xFF) {
      at++;
    }
    return at;
  }

  private static boolean png(ByteBuffer file) {
    int at = 8;
    while (file.getInt(at + 4) != 0x49454E44) { // "IEND"
      int length = file.getInt(at);
      if (length < 0 || length > file.limit() - at - 12) {
        return false;
      }
      at += length + 12; // length, type, data, checksum
    }
    return at + 12 <= file.limit();
  }

  private static boolean gif(ByteBuffer file) {
    int at = 13 + colourTable(file.get(10));
    while (true) {
      switch (file.get(at)) {
        case 0x2C -> { // image
          blocksEnd(file, at + 11 + colourTable(file.get(at + 9)));
          return true;
        }
        case 0x21 -> at = blocksEnd(file, at + 2); // extension
        default -> {
          return false;
        }
      }
    }
  }

  private static int colourTable(byte flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private static int blocksEnd(ByteBuffer file, int at) {
    while (file.get(at) != 0) {
      at += 1 + (file.get(at) & 0xFF);
    }
    return at + 1;
  }

  private static boolean riff(ByteBuffer file) {
    return Integer.toUnsignedLong(Integer.reverseBytes(file.getInt(4))) + 8 <= file.limit();
  }

  private static int unsigned(ByteBuffer file, int at) {
    return file.getShort(at) & 0xFFFF;
  }
}
