package stream.adasim.compute.onednn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The process's memory by address, as row methods read and write it. Whoever calls them has checked
 * the shapes and holds the tensors: an address says nothing about bounds, and that is what makes a
 * loop over it as fast as C's.
 */
@SuppressWarnings("restricted") // see above
final class Memory {
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  static final ByteOrder ORDER = ByteOrder.nativeOrder();
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  static final int LANES = SPECIES.length();

  private static final VectorShuffle<Float> FOLD_8 = fold(8);
  private static final VectorShuffle<Float> FOLD_4 = fold(4);
  private static final VectorShuffle<Float> FOLD_2 = fold(2);
  private static final VectorShuffle<Float> FOLD_1 = fold(1);

  private Memory() {}

  static float get(long address, int index) {
    return ALL.get(JAVA_FLOAT_UNALIGNED, address + ((long) index << 2));
  }

  static void set(long address, int index, float value) {
    ALL.set(JAVA_FLOAT_UNALIGNED, address + ((long) index << 2), value);
  }

  /** Address of an element. */
  static long at(long address, long index) {
    return address + (index << 2);
  }

  static void fill(long address, long count, float value) {
    if (Float.floatToRawIntBits(value) == 0) {
      clear(address, count << 2);
      return;
    }
    for (long i = 0; i < count; i++) {
      ALL.set(JAVA_FLOAT_UNALIGNED, address + (i << 2), value);
    }
  }

  static void clear(long address, long bytes) {
    ALL.asSlice(address, bytes).fill((byte) 0);
  }

  static void copy(long from, long to, long count) {
    copyBytes(from, to, count << 2);
  }

  static void copyBytes(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  /**
   * The sum of all lanes, always added up in the same order: {@code reduceLanes} promises none, and
   * has another in interpreted code than in compiled.
   */
  static float sum(FloatVector v) {
    FloatVector sum = v;
    if (LANES >= 16) {
      sum = sum.add(sum.rearrange(FOLD_8));
    }
    if (LANES >= 8) {
      sum = sum.add(sum.rearrange(FOLD_4));
    }
    if (LANES >= 4) {
      sum = sum.add(sum.rearrange(FOLD_2));
    }
    return LANES == 1 ? sum.lane(0) : sum.add(sum.rearrange(FOLD_1)).lane(0);
  }

  /** Each lane's partner at a distance; the lanes beyond the last begin anew. */
  private static VectorShuffle<Float> fold(int distance) {
    return VectorShuffle.fromOp(SPECIES, lane -> (lane + distance) % LANES);
  }
}
