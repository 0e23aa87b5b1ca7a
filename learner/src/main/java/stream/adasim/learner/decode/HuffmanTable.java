package stream.adasim.learner.decode;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A Huffman code of a JPEG file (ITU-T T.81, annex C), made for looking codes up. */
final class HuffmanTable {
  /** Bits that one look decides; longer codes are rare. */
  static final int LOOK = 9;

  private static final int LONGEST = 16;

  /** By the next {@link #LOOK} bits: length * 256 + symbol, or 0 where the code is longer. */
  final short[] look = new short[1 << LOOK];

  /** By length: behind the last code of at most that length, left-aligned in 16 bits. */
  private final int[] ends = new int[LONGEST + 1];

  /** By length: what to add to a code to get the index of its symbol. */
  private final int[] offsets = new int[LONGEST + 1];

  private final byte[] symbols;

  private HuffmanTable(byte[] symbols) {
    this.symbols = symbols;
  }

  /**
   * Reads 16 counts by length and the symbols behind them.
   *
   * @return null where that is no code
   */
  static @Nullable HuffmanTable read(ByteBuffer file, int at) {
    int total = 0;
    for (int i = 0; i < LONGEST; i++) {
      total += file.get(at + i) & 0xFF;
    }
    if (total > 256) {
      return null;
    }
    byte[] symbols = new byte[total];
    file.get(at + LONGEST, symbols);
    HuffmanTable table = new HuffmanTable(symbols);
    int code = 0;
    int index = 0;
    for (int length = 1; length <= LONGEST; length++) {
      int count = file.get(at + length - 1) & 0xFF;
      table.offsets[length] = index - code;
      if (length <= LOOK) {
        table.fill(code, length, count, index);
      }
      index += count;
      code += count;
      if (count > 0 && code >= 1 << length) { // too many, or all bits 1, which no code may be
        return null;
      }
      table.ends[length] = code << (LONGEST - length);
      code <<= 1;
    }
    return table;
  }

  private void fill(int code, int length, int count, int index) {
    int width = 1 << (LOOK - length);
    for (int i = 0; i < count; i++) {
      int from = (code + i) << (LOOK - length);
      if (from + width > look.length) {
        return; // more codes than there are: the caller finds that out
      }
      Arrays.fill(look, from, from + width, (short) (length << 8 | (symbols[index + i] & 0xFF)));
    }
  }

  /** Whether all symbols can be categories of DC differences. */
  boolean direct() {
    for (byte symbol : symbols) {
      if ((symbol & 0xFF) > 15) {
        return false;
      }
    }
    return true;
  }

  int symbols() {
    return symbols.length;
  }

  /**
   * Finds a code that is longer than {@link #LOOK} bits.
   *
   * @param bits the next 16
   * @return length * 256 + symbol, or 0 where no code begins so
   */
  int find(int bits) {
    for (int length = LOOK + 1; length <= LONGEST; length++) {
      if (bits < ends[length]) {
        int index = (bits >> (LONGEST - length)) + offsets[length];
        return index >= 0 && index < symbols.length ? length << 8 | (symbols[index] & 0xFF) : 0;
      }
    }
    return 0;
  }
}
