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
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));
  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);

  private Halves() {}

  /** Address of an element. */
  static long at(long address, long index) {
    return address + (index << 1);
  }

  static float get(long address, int index) {
    return Float.intBitsToFloat(ALL.get(JAVA_SHORT_UNALIGNED, at(address, index)) << 16);
  }

  static void set(long address, int index, float value) {
    int bits = Float.floatToIntBits(value);
    int rounded = bits + 0x7fff + (bits >>> 16 & 1);
    ALL.set(JAVA_SHORT_UNALIGNED, at(address, index), (short) (rounded >>> 16));
  }

  /** As many as floats have lanes. */
  static FloatVector load(long address, int index) {
    return ((IntVector)
            ShortVector.fromMemorySegment(SHORTS, ALL, at(address, index), ORDER)
                .convertShape(VectorOperators.S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
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
