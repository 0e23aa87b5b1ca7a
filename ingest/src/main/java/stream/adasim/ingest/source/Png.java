package stream.adasim.ingest.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes 8-bit PNG files (W3C PNG, 3rd edition: IHDR, IDAT, IEND; filter 0 on every row). ImageIO
 * would do, but goes through a temporary file or a shared static switch for each image.
 */
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private Png() {}

  /** Rows of {@code width * channels} bytes; channels is 1 (grey) or 3 (RGB). */
  static ByteBuffer encode(byte[] pixels, int width, int height, int channels) {
    int row = width * channels;
    byte[] filtered = new byte[height * (row + 1)]; // each row: filter type 0, then its bytes
    for (int y = 0; y < height; y++) {
      System.arraycopy(pixels, y * row, filtered, y * (row + 1) + 1, row);
    }
    byte[] data = new byte[filtered.length + filtered.length / 1000 + 64];
    int length;
    var deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(filtered);
      deflater.finish();
      length = deflater.deflate(data);
      if (!deflater.finished()) {
        throw new IllegalStateException("deflate needs more than its documented bound");
      }
    } finally {
      deflater.end();
    }
    var header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) 8).put((byte) (channels == 1 ? 0 : 2)); // bit depth, colour type
    var file = ByteBuffer.allocate(SIGNATURE.length + 3 * 12 + 13 + length).put(SIGNATURE);
    chunk(file, "IHDR", header.array(), 13);
    chunk(file, "IDAT", data, length);
    chunk(file, "IEND", data, 0);
    return file.flip();
  }

  private static void chunk(ByteBuffer file, String type, byte[] data, int length) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    var crc = new CRC32();
    crc.update(name);
    crc.update(data, 0, length);
    file.putInt(length).put(name).put(data, 0, length).putInt((int) crc.getValue());
  }
}
