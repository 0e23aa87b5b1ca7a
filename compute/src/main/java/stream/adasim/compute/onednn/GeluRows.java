package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The exact GELU, {@code x Phi(x)}, and its slope, {@code Phi(x) + x phi(x)}, in one pass: both
 * need exp(-x^2 / 2). Phi by formula 7.1.26 of Abramowitz and Stegun (1964), within 1.5e-7.
 */
final class GeluRows {
  private static final float P =
      0.3275911f * 0.70710677f; // over sqrt 2: their argument is x / sqrt 2
  private static final float A1 = 0.2548296f / 2;
  private static final float A2 = -0.28449672f / 2;
  private static final float A3 = 1.4214138f / 2;
  private static final float A4 = -1.4531521f / 2;
  private static final float A5 = 1.0614054f / 2;
  private static final float DENSITY = 0.3989423f; // 1 / sqrt(2 pi)

  private GeluRows() {}

  /** x becomes the slope, y the GELU. */
  static void row(long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      vector(at(x, i), at(y, i), true);
    }
    for (int i = whole; i < n; i++) {
      one(x, y, i, true);
    }
  }

  /** x becomes the GELU. */
  static void row(long x, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      vector(at(x, i), at(x, i), false);
    }
    for (int i = whole; i < n; i++) {
      one(x, x, i, false);
    }
  }

  private static void vector(long x, long y, boolean slope) {
    FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, x, ORDER);
    FloatVector e = v.mul(v).mul(-0.5f);
    e = e.blend(Exponential.LOWEST, e.compare(VectorOperators.LT, Exponential.LOWEST));
    FloatVector t = e.mul(Exponential.LOG2_E).add(Exponential.ROUND);
    FloatVector count = t.sub(Exponential.ROUND);
    FloatVector r = e.sub(count.mul(Exponential.LN2_HIGH)).sub(count.mul(Exponential.LN2_LOW));
    e = r.mul(Exponential.C5).add(Exponential.C4);
    e = e.fma(r, FloatVector.broadcast(SPECIES, Exponential.C3));
    e = e.fma(r, FloatVector.broadcast(SPECIES, Exponential.C2));
    e = e.fma(r, FloatVector.broadcast(SPECIES, Exponential.C1));
    e = e.fma(r, FloatVector.broadcast(SPECIES, Exponential.C0));
    e = e.fma(r.mul(r), r).add(1f);
    e =
        e.reinterpretAsInts()
            .add(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
            .reinterpretAsFloats();
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector w = one.div(v.abs().fma(FloatVector.broadcast(SPECIES, P), one));
    FloatVector q = w.mul(A5).add(A4);
    q = q.fma(w, FloatVector.broadcast(SPECIES, A3));
    q = q.fma(w, FloatVector.broadcast(SPECIES, A2));
    q = q.fma(w, FloatVector.broadcast(SPECIES, A1));
    q = q.mul(w).mul(e); // 1 - Phi(|x|)
    VectorMask<Float> negative = v.compare(VectorOperators.LT, 0f);
    FloatVector phi = one.sub(q).blend(q, negative);
    v.mul(phi).intoMemorySegment(ALL, y, ORDER);
    if (slope) {
      v.mul(e).fma(FloatVector.broadcast(SPECIES, DENSITY), phi).intoMemorySegment(ALL, x, ORDER);
    }
  }

  private static void one(long x, long y, int i, boolean slope) {
    float v = Memory.get(x, i);
    float e = Exponential.exp(-0.5f * v * v);
    float w = 1 / Math.fma(Math.abs(v), P, 1);
    float q = A5 * w + A4;
    q = Math.fma(q, w, A3);
    q = Math.fma(q, w, A2);
    q = Math.fma(q, w, A1);
    q = q * w * e;
    float phi = v < 0 ? q : 1 - q;
    Memory.set(y, i, v * phi);
    if (slope) {
      Memory.set(x, i, Math.fma(v * e, DENSITY, phi));
    }
  }
}
