package stream.adasim.learner.decode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the entropy-coded blocks of a JPEG scan (ITU-T T.81, annex F.2). Damage is never thrown: it
 * is remembered, and what is read afterwards means nothing.
 */
final class EntropyReader {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Where the i-th coefficient of a block lies, row by row. */
  private static final byte[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  private final byte[] data;
  private final int end;
  private int at;
  private long bits; // the next ones, from the highest bit on
  private int count; // of those bits
  private int invented; // bits put in behind the data's end: they must stay unread
  private boolean damaged;

  EntropyReader(byte[] data, int from, int end) {
    this.data = data;
    this.at = from;
    this.end = end;
  }

  /** Whether everything that was read made sense and was there. */
  boolean whole() {
    return !damaged && count >= invented;
  }

  /**
   * Reads one block, multiplied by the quantisation steps, into zeros.
   *
   * @param before the DC coefficient of the component's block before, not multiplied
   * @return the DC coefficient, not multiplied, times 64, plus the place in zigzag order of the
   *     last coefficient that isn't 0
   */
  int block(JpegHeader.Component component, int before, int[] block) {
    short[] steps = component.steps();
    fill();
    int category = symbol(component.direct());
    if (category > 11) {
      damaged = true;
      return 0;
    }
    int direct = before + value(category);
    block[0] = direct * steps[0];
    HuffmanTable codes = component.alternating();
    int last = 0;
    for (int i = 1; i < 64; i++) {
      if (count < 32) {
        fill();
      }
      int symbol = symbol(codes);
      int size = symbol & 15;
      int run = symbol >> 4;
      if (size == 0) {
        if (run < 15) {
          break;
        }
        i += 15;
        continue;
      }
      i += run;
      if (i > 63) {
        damaged = true;
        break;
      }
      block[ZIGZAG[i]] = value(size) * steps[i];
      last = i;
    }
    return (direct << 6) | last;
  }

  /** Takes the symbol that the next bits code; at least 16 bits must be there. */
  private int symbol(HuffmanTable table) {
    int found = table.look[(int) (bits >>> (64 - HuffmanTable.LOOK))];
    if (found == 0) {
      found = table.find((int) (bits >>> 48));
      damaged |= found == 0;
    }
    bits <<= found >> 8;
    count -= found >> 8;
    return found & 0xFF;
  }

  /** Takes a signed number of so many bits, 0 to 15: those that begin with 0 are negative. */
  private int value(int size) {
    if (size == 0) {
      return 0;
    }
    int read = (int) (bits >>> (64 - size));
    bits <<= size;
    count -= size;
    return read < (1 << (size - 1)) ? read - (1 << size) + 1 : read;
  }

  private void fill() {
    while (count <= 32 && at + 4 <= end) {
      int four = (int) INT.get(data, at);
      if ((((four & 0x7F7F7F7F) + 0x01010101) & four & 0x80808080) != 0) { // one of them is 0xFF
        break;
      }
      bits |= (four & 0xFFFFFFFFL) << (32 - count);
      count += 32;
      at += 4;
    }
    while (count < 48) {
      int next = 0;
      if (at < end && data[at] != (byte) 0xFF) {
        next = data[at++] & 0xFF;
      } else if (at + 1 < end && data[at + 1] == 0) { // a stuffed 0xFF
        next = 0xFF;
        at += 2;
      } else { // a marker, or the end
        invented += 8;
      }
      bits |= (long) next << (56 - count);
      count += 8;
    }
  }

  /** Goes behind the restart marker with this number, 0 to 7; no other may stand here. */
  void restart(int number) {
    damaged |= !whole();
    while (at + 1 < end && data[at] == (byte) 0xFF && data[at + 1] == (byte) 0xFF) {
      at++;
    }
    damaged |=
        count - invented >= 8 // more than the bits that fill the last byte up
            || at + 1 >= end
            || data[at] != (byte) 0xFF
            || (data[at + 1] & 0xFF) != 0xD0 + number;
    at += 2;
    bits = 0;
    count = 0;
    invented = 0;
  }
}
