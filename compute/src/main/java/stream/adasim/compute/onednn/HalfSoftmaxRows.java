package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The softmax of a row, in bfloat16, whose 8 bits need no more of an exponential than {@code 2^n}
 * times a polynomial of degree 4 over |r| &lt;= 1/2, 1 at 0 and fitted to the least largest
 * relative error, 3e-6. The rounding of n falls out of the addition of 1.5 * 2^23.
 */
final class HalfSoftmaxRows {
  private static final float LOWEST = -126; // 2^-126 is the smallest normal number
  private static final float C1 = 0.6931242f;
  private static final float C2 = 0.24024099f;
  private static final float C3 = 0.05590648f;
  private static final float C4 = 0.009582875f;

  private HalfSoftmaxRows() {}

  /**
   * {@code halves = softmax(x * scale)}.
   *
   * @param x overwritten
   */
  static void row(long x, long halves, int n, float scale) {
    float binary = scale * Exponential.LOG2_E;
    float sum = powers(x, n, binary, Rows.max(x, n) * binary);
    divide(x, halves, n, sum);
  }

  /** {@code x = 2^(x * scale - shift)}; returns the sum. */
  private static float powers(long x, int n, float scale, float shift) {
    int whole = SPECIES.loopBound(n);
    float sum = whole == 0 ? 0 : vectors(x, whole, scale, shift);
    for (int i = whole; i < n; i++) {
      float v = Math.max(Math.fma(Memory.get(x, i), scale, -shift), LOWEST);
      float t = v + Exponential.ROUND;
      float r = v - (t - Exponential.ROUND);
      float y = Math.fma(C4, r, C3);
      y = Math.fma(y, r, C2);
      y = Math.fma(y, r, C1);
      y = Math.fma(y, r, 1);
      y = Float.intBitsToFloat(Float.floatToRawIntBits(y) + (Float.floatToRawIntBits(t) << 23));
      Memory.set(x, i, y);
      sum += y;
    }
    return sum;
  }

  private static float vectors(long x, int n, float scale, float shift) {
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    FloatVector shifts = FloatVector.broadcast(SPECIES, -shift);
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < n; i += LANES) {
      FloatVector v =
          FloatVector.fromMemorySegment(SPECIES, ALL, at(x, i), ORDER).fma(scales, shifts);
      v = v.blend(LOWEST, v.compare(VectorOperators.LT, LOWEST));
      FloatVector t = v.add(Exponential.ROUND);
      FloatVector r = v.sub(t.sub(Exponential.ROUND));
      FloatVector y = r.fma(FloatVector.broadcast(SPECIES, C4), FloatVector.broadcast(SPECIES, C3));
      y = y.fma(r, FloatVector.broadcast(SPECIES, C2));
      y = y.fma(r, FloatVector.broadcast(SPECIES, C1));
      y = y.fma(r, FloatVector.broadcast(SPECIES, 1f));
      y =
          y.reinterpretAsInts()
              .add(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
              .reinterpretAsFloats();
      y.intoMemorySegment(ALL, at(x, i), ORDER);
      sum = sum.add(y);
    }
    return Memory.sum(sum);
  }

  private static void divide(long x, long halves, int n, float sum) {
    int whole = SPECIES.loopBound(n);
    float scale = 1 / sum;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector y = FloatVector.fromMemorySegment(SPECIES, ALL, at(x, i), ORDER).mul(scale);
      Halves.storeIn(true, y, halves, i);
    }
    for (int i = whole; i < n; i++) {
      Halves.set(halves, i, Memory.get(x, i) * scale);
    }
  }
}
