package stream.adasim.compute.onednn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Rows of floats as whole numbers of 8 bits, by address. */
final class QuantizedRows {
  /** Largest number of a quantized vector, the same below zero. */
  static final int MOST = 127;

  // Eight at a time: what two vectors of doubles hold and eight bytes take.
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_256;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_256;
  private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_64;
  private static final int LANES = FLOATS.length();

  /** Added and taken off again, it leaves the nearest whole number of a float of up to 2^22. */
  private static final float ROUNDING = 0x1.8p23f;

  private QuantizedRows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(FLOATS, ALL, at(address, index), ORDER);
  }

  /** The largest absolute value. */
  static float most(long x, int n) {
    int whole = FLOATS.loopBound(n);
    FloatVector most = FloatVector.zero(FLOATS);
    for (int i = 0; i < whole; i += LANES) {
      most = most.max(load(x, i).abs());
    }
    float all = most.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < n; i++) {
      all = Math.max(all, Math.abs(Memory.get(x, i)));
    }
    return all;
  }

  /** The sum of squares. */
  static double squares(long x, int n) {
    int whole = FLOATS.loopBound(n);
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector values = load(x, i);
      DoubleVector low = half(values, 0);
      DoubleVector high = half(values, 1);
      sum = high.fma(high, low.fma(low, sum));
    }
    double all = sum(sum);
    for (int i = whole; i < n; i++) {
      double value = Memory.get(x, i);
      all += value * value;
    }
    return all;
  }

  /**
   * Writes {@code x / scale}, rounded, plus {@code raised}, as bytes.
   *
   * @return the sum of squares of what rounding left
   */
  static double encode(long x, long codes, int n, float scale, int raised) {
    int whole = FLOATS.loopBound(n);
    float inverse = 1 / scale;
    DoubleVector lost = DoubleVector.zero(DOUBLES);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector values = load(x, i);
      FloatVector code = values.mul(inverse).add(ROUNDING).sub(ROUNDING).max(-MOST).min(MOST);
      code.add(raised)
          .convertShape(VectorOperators.F2I, INTS, 0)
          .convertShape(VectorOperators.I2B, BYTES, 0)
          .reinterpretAsBytes()
          .intoMemorySegment(ALL, codes + i, ORDER);
      DoubleVector low = half(values, 0).sub(half(code, 0).mul(scale)); // the product is exact
      DoubleVector high = half(values, 1).sub(half(code, 1).mul(scale));
      lost = high.fma(high, low.fma(low, lost));
    }
    double all = sum(lost);
    for (int i = whole; i < n; i++) {
      float value = Memory.get(x, i);
      float code = Math.clamp((float) Math.rint(value * inverse), -MOST, MOST);
      ALL.set(JAVA_BYTE, codes + i, (byte) (int) (code + raised));
      double rest = value - (double) code * scale;
      all += rest * rest;
    }
    return all;
  }

  /** The sum of bytes, with their sign. */
  static int sum(long codes, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
      sum += ALL.get(JAVA_BYTE, codes + i);
    }
    return sum;
  }

  private static DoubleVector half(FloatVector values, int part) {
    return (DoubleVector) values.convertShape(VectorOperators.F2D, DOUBLES, part);
  }

  private static double sum(DoubleVector v) {
    return (v.lane(0) + v.lane(2)) + (v.lane(1) + v.lane(3));
  }
}
