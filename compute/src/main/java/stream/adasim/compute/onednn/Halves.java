package stream.adasim.compute.onednn;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Numbers in bfloat16 by address: the upper halves of floats, rounded to the nearest and half-way
 * ones to even.
 */
final class Halves {
  /** The narrowest there are where half a vector is none: then nothing is in bfloat16. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(
          short.class, VectorShape.forBitSize(Math.max(64, SPECIES.vectorBitSize() / 2)));

  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);

  /** Half of the last place that is kept. */
  private static final int HALF_WAY = 0x8000;

  private Halves() {}

  /** Address of an element. */
  static long at(long address, long index) {
    return address + (index << 1);
  }

  /** {@link #at}, or {@link Memory#at} where the numbers are floats. */
  static long atIn(boolean halves, long address, long index) {
    return halves ? at(address, index) : Memory.at(address, index);
  }

  static float get(long address, int index) {
    return Float.intBitsToFloat(ALL.get(JAVA_SHORT_UNALIGNED, at(address, index)) << 16);
  }

  /** {@link #get}, or {@link Memory#get} where the numbers are floats. */
  static float getIn(boolean halves, long address, int index) {
    return halves ? get(address, index) : Memory.get(address, index);
  }

  static void set(long address, int index, float value) {
    int bits = Float.floatToIntBits(value);
    int rounded = bits + 0x7fff + (bits >>> 16 & 1);
    ALL.set(JAVA_SHORT_UNALIGNED, at(address, index), (short) (rounded >>> 16));
  }

  /** {@link #set}, or {@link Memory#set} where the numbers are floats. */
  static void setIn(boolean halves, long address, int index, float value) {
    if (halves) {
      set(address, index, value);
    } else {
      Memory.set(address, index, value);
    }
  }

  /** As many as floats have lanes. */
  static FloatVector load(long address, int index) {
    return ((IntVector)
            ShortVector.fromMemorySegment(SHORTS, ALL, at(address, index), ORDER)
                .convertShape(VectorOperators.S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  /**
   * As floats, or rounded with half-way ones away from 0: that takes half as many instructions as
   * {@link #store}, and so few that they are inlined where many are stored.
   */
  static void storeIn(boolean halves, FloatVector v, long address, int index) {
    if (halves) {
      ((ShortVector)
              v.reinterpretAsInts()
                  .add(HALF_WAY)
                  .lanewise(VectorOperators.LSHR, 16)
                  .convertShape(VectorOperators.I2S, SHORTS, 0))
          .intoMemorySegment(ALL, at(address, index), ORDER);
    } else {
      v.intoMemorySegment(ALL, Memory.at(address, index), ORDER);
    }
  }

  /** As many as floats have lanes. */
  static void store(FloatVector v, long address, int index) {
    IntVector bits = v.reinterpretAsInts();
    ((ShortVector)
            bits.lanewise(VectorOperators.LSHR, 16)
                .and(1)
                .add(bits)
                .add(0x7fff)
                .lanewise(VectorOperators.LSHR, 16)
                .convertShape(VectorOperators.I2S, SHORTS, 0))
        .intoMemorySegment(ALL, at(address, index), ORDER);
  }
}
