package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * exp of rows, within 2 units in the last place: {@code 2^n} times a polynomial of degree 6 over
 * |r| &lt;= ln 2 / 2 (Cephes' expf). The rounding of n falls out of the addition of 1.5 * 2^23.
 *
 * <p>The formula stands once for vectors and once for the rest of a row: C2 compiles neither a
 * method with many vector operations nor one that returns vectors well. Numbers are kept within
 * bounds by comparing and blending, here as in other loops: {@code FloatVector.max} and {@code min}
 * tell -0 from 0 for it, which takes three times as many instructions of an x86 processor.
 */
final class Exponential {
  static final float LOWEST = -87.33654f;
  static final float HIGHEST = 88.37626f;
  static final float LOG2_E = 1.442695f;
  static final float ROUND = 12582912f; // 1.5 * 2^23
  static final float LN2_HIGH = 0.6933594f;
  static final float LN2_LOW = -0.00021219444f;
  static final float C5 = 0.00019875691f;
  static final float C4 = 0.0013981999f;
  static final float C3 = 0.008333452f;
  static final float C2 = 0.041665796f;
  static final float C1 = 0.16666666f;
  static final float C0 = 0.5f;

  private Exponential() {}

  /**
   * {@code out = exp(x * scale - shift)}; out may be x.
   *
   * @return the sum of what was written
   */
  static float row(long x, long out, int n, float scale, float shift) {
    int whole = SPECIES.loopBound(n);
    float sum = whole == 0 ? 0 : vectors(x, out, whole, scale, shift);
    for (int i = whole; i < n; i++) {
      float value = exp(Math.fma(Memory.get(x, i), scale, -shift));
      Memory.set(out, i, value);
      sum += value;
    }
    return sum;
  }

  private static float vectors(long x, long out, int n, float scale, float shift) {
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    FloatVector shifts = FloatVector.broadcast(SPECIES, -shift);
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < n; i += LANES) {
      FloatVector v =
          FloatVector.fromMemorySegment(SPECIES, ALL, at(x, i), ORDER).fma(scales, shifts);
      v = v.blend(LOWEST, v.compare(VectorOperators.LT, LOWEST));
      v = v.blend(HIGHEST, v.compare(VectorOperators.GT, HIGHEST));
      FloatVector t = v.mul(LOG2_E).add(ROUND);
      FloatVector count = t.sub(ROUND);
      FloatVector r = count.mul(-LN2_LOW).add(v.sub(count.mul(LN2_HIGH)));
      FloatVector y = r.mul(C5).add(C4).fma(r, FloatVector.broadcast(SPECIES, C3));
      y = y.fma(r, FloatVector.broadcast(SPECIES, C2));
      y = y.fma(r, FloatVector.broadcast(SPECIES, C1));
      y = y.fma(r, FloatVector.broadcast(SPECIES, C0));
      y = y.fma(r.mul(r), r).add(1f);
      y =
          y.reinterpretAsInts()
              .add(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      y.intoMemorySegment(ALL, at(out, i), ORDER);
      sum = sum.add(y);
    }
    return Memory.sum(sum);
  }

  /** exp of one number, by the same formula. */
  static float exp(float x) {
    float v = Math.min(Math.max(x, LOWEST), HIGHEST);
    float t = v * LOG2_E + ROUND;
    float count = t - ROUND;
    float r = v - count * LN2_HIGH - count * LN2_LOW;
    float y = C5 * r + C4;
    y = Math.fma(y, r, C3);
    y = Math.fma(y, r, C2);
    y = Math.fma(y, r, C1);
    y = Math.fma(y, r, C0);
    y = Math.fma(y, r * r, r) + 1;
    return Float.intBitsToFloat(Float.floatToRawIntBits(y) + (Float.floatToRawIntBits(t) << 23));
  }
}
