package stream.adasim.learner.decode;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The formats that are taken, told apart by their first bytes, never by what a producer claims. */
enum Format {
  JPEG("jpeg"),
  PNG("png"),
  GIF("gif"),
  BMP("bmp"),
  WEBP("webp");

  final String imageIoName;

  Format(String imageIoName) {
    this.imageIoName = imageIoName;
  }

  /** The format of a file, or null where it is none of these. */
  static @Nullable Format of(ByteBuffer file) {
    if (starts(file, 0, 0xFF, 0xD8, 0xFF)) {
      return JPEG;
    }
    if (starts(file, 0, 0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A)) {
      return PNG;
    }
    if (starts(file, 0, 'G', 'I', 'F', '8')) {
      return GIF;
    }
    if (starts(file, 0, 'R', 'I', 'F', 'F') && starts(file, 8, 'W', 'E', 'B', 'P')) {
      return WEBP;
    }
    return starts(file, 0, 'B', 'M') ? BMP : null;
  }

  private static boolean starts(ByteBuffer file, int at, int... expected) {
    if (file.limit() < at + expected.length) {
      return false;
    }
    for (int i = 0; i < expected.length; i++) {
      if ((file.get(at + i) & 0xFF) != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
