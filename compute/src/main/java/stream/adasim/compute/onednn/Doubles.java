package stream.adasim.compute.onednn;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static stream.adasim.compute.onednn.Memory.ALL;

/** Sums in double precision, by address. */
final class Doubles {
  private Doubles() {}

  static double get(long address, int index) {
    return ALL.get(JAVA_DOUBLE_UNALIGNED, address + ((long) index << 3));
  }

  private static void set(long address, int index, double value) {
    ALL.set(JAVA_DOUBLE_UNALIGNED, address + ((long) index << 3), value);
  }

  /** Zeros. */
  static void fill(long address, int count) {
    ALL.asSlice(address, (long) count << 3).fill((byte) 0);
  }

  /** {@code sums += x}, x in single precision. */
  static void addFloats(long x, long sums, int count) {
    for (int i = 0; i < count; i++) {
      set(sums, i, get(sums, i) + Memory.get(x, i));
    }
  }

  /** {@code sums += x}. */
  static void add(long x, long sums, int count) {
    for (int i = 0; i < count; i++) {
      set(sums, i, get(sums, i) + get(x, i));
    }
  }
}
