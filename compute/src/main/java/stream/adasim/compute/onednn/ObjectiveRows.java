package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Rows of softmax, cross-entropy and entropy, by address. */
final class ObjectiveRows {
  private static final float SMALLEST = Float.MIN_NORMAL;
  private static final float SQRT_HALF = 0.70710677f;

  private ObjectiveRows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, at(address, index), ORDER);
  }

  /** {@code p = (z - shift)}. */
  static void subtract(long z, long shift, long p, int k) {
    int whole = SPECIES.loopBound(k);
    for (int i = 0; i < whole; i += LANES) {
      load(z, i).sub(load(shift, i)).intoMemorySegment(ALL, at(p, i), ORDER);
    }
    for (int i = whole; i < k; i++) {
      Memory.set(p, i, Memory.get(z, i) - Memory.get(shift, i));
    }
  }

  /** {@code dz = (dz * share - p) * factor}. */
  static void gradient(long p, long dz, int k, float share, float factor) {
    int whole = SPECIES.loopBound(k);
    float both = share * factor;
    for (int i = 0; i < whole; i += LANES) {
      load(dz, i).mul(both).sub(load(p, i).mul(factor)).intoMemorySegment(ALL, at(dz, i), ORDER);
    }
    for (int i = whole; i < k; i++) {
      Memory.set(dz, i, Memory.get(dz, i) * both - Memory.get(p, i) * factor);
    }
  }

  /** {@code dp = p (dp - mean) * scale}: the backward of a softmax, mean being the sum of p dp. */
  static void softmaxBackward(long p, long dp, int n, float mean, float scale) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      load(dp, i).sub(mean).mul(scale).mul(load(p, i)).intoMemorySegment(ALL, at(dp, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(dp, i, (Memory.get(dp, i) - mean) * scale * Memory.get(p, i));
    }
  }

  /** Sum of {@code -p log p}; the logarithm is Cephes' logf, within 2 units in the last place. */
  static float entropy(long p, int k) {
    int whole = SPECIES.loopBound(k);
    float sum = whole == 0 ? 0 : entropyOfVectors(p, whole);
    for (int i = whole; i < k; i++) {
      float value = Memory.get(p, i);
      sum -= value * (float) StrictMath.log(Math.max(value, SMALLEST));
    }
    return sum;
  }

  private static float entropyOfVectors(long p, int n) {
    FloatVector sum = FloatVector.zero(SPECIES);
    FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = load(p, i);
      IntVector bits = v.max(SMALLEST).reinterpretAsInts();
      // x = 2^e m, m within [sqrt 1/2, sqrt 2)
      FloatVector e =
          (FloatVector)
              bits.lanewise(VectorOperators.LSHR, 23).sub(126).convert(VectorOperators.I2F, 0);
      FloatVector m = bits.and(0x007fffff).or(0x3f000000).reinterpretAsFloats(); // [1/2, 1)
      var low = m.compare(VectorOperators.LT, SQRT_HALF);
      e = e.sub(1f, low);
      m = m.add(m, low).sub(1f);
      FloatVector y = m.mul(0.070376836f).add(-0.1151461f);
      y = y.mul(m).add(0.116769984f);
      y = y.mul(m).add(-0.12420141f);
      y = y.mul(m).add(0.14249323f);
      y = y.mul(m).add(-0.16668057f);
      y = y.mul(m).add(0.20000714f);
      y = y.mul(m).add(-0.24999994f);
      y = y.mul(m).add(0.3333333f);
      FloatVector square = m.mul(m);
      y = y.mul(m).mul(square).sub(square.mul(half));
      y = y.add(e.mul(Exponential.LN2_LOW)).add(m).add(e.mul(Exponential.LN2_HIGH));
      sum = sum.sub(y.mul(v));
    }
    return Memory.sum(sum);
  }
}
