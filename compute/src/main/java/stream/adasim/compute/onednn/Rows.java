package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Sums, products and largest elements of contiguous rows of n floats, by address. */
final class Rows {
  private Rows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, at(address, index), ORDER);
  }

  /** The largest; what is not a number may be left out. */
  static float max(long x, int n) {
    int whole = SPECIES.loopBound(n);
    float max = Float.NEGATIVE_INFINITY;
    if (whole > 0) {
      FloatVector all = load(x, 0);
      for (int i = LANES; i < whole; i += LANES) {
        FloatVector next = load(x, i);
        all = all.blend(next, next.compare(VectorOperators.GT, all));
      }
      max = all.reduceLanes(VectorOperators.MAX);
    }
    for (int i = whole; i < n; i++) {
      max = Math.max(max, Memory.get(x, i));
    }
    return max;
  }

  /** {@code y = max(x, y)}. */
  static void max(long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      load(x, i).max(load(y, i)).intoMemorySegment(ALL, at(y, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(y, i, Math.max(Memory.get(x, i), Memory.get(y, i)));
    }
  }

  static float sum(long x, int n) {
    int whole = SPECIES.loopBound(n);
    float sum = 0;
    if (whole > 0) {
      FloatVector all = FloatVector.zero(SPECIES);
      for (int i = 0; i < whole; i += LANES) {
        all = all.add(load(x, i));
      }
      sum = Memory.sum(all);
    }
    for (int i = whole; i < n; i++) {
      sum += Memory.get(x, i);
    }
    return sum;
  }

  static float dot(long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    float sum = 0;
    if (whole > 0) {
      FloatVector all = FloatVector.zero(SPECIES);
      for (int i = 0; i < whole; i += LANES) {
        all = load(x, i).fma(load(y, i), all);
      }
      sum = Memory.sum(all);
    }
    for (int i = whole; i < n; i++) {
      sum = Math.fma(Memory.get(x, i), Memory.get(y, i), sum);
    }
    return sum;
  }

  /** Sum of {@code (x - shift)^2}. */
  static float squares(long x, int n, float shift) {
    int whole = SPECIES.loopBound(n);
    float sum = 0;
    if (whole > 0) {
      FloatVector all = FloatVector.zero(SPECIES);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector centred = load(x, i).sub(shift);
        all = centred.fma(centred, all);
      }
      sum = Memory.sum(all);
    }
    for (int i = whole; i < n; i++) {
      float centred = Memory.get(x, i) - shift;
      sum = Math.fma(centred, centred, sum);
    }
    return sum;
  }

  /** {@code y = x * scale}; y may be x. */
  static void scale(long x, long y, int n, float scale) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      load(x, i).mul(scale).intoMemorySegment(ALL, at(y, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(y, i, Memory.get(x, i) * scale);
    }
  }

  /** {@code y += alpha x}. */
  static void axpy(float alpha, long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    FloatVector alphas = FloatVector.broadcast(SPECIES, alpha);
    for (int i = 0; i < whole; i += LANES) {
      load(x, i).fma(alphas, load(y, i)).intoMemorySegment(ALL, at(y, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(y, i, Math.fma(alpha, Memory.get(x, i), Memory.get(y, i)));
    }
  }

  /** {@code y += x}. */
  static void add(long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      load(x, i).add(load(y, i)).intoMemorySegment(ALL, at(y, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(y, i, Memory.get(x, i) + Memory.get(y, i));
    }
  }

  /** {@code z = x + y}; z may be either. */
  static void sum(long x, long y, long z, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      load(x, i).add(load(y, i)).intoMemorySegment(ALL, at(z, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(z, i, Memory.get(x, i) + Memory.get(y, i));
    }
  }

  /** {@code z = x * y}; z may be either. */
  static void multiply(long x, long y, long z, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      load(x, i).mul(load(y, i)).intoMemorySegment(ALL, at(z, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(z, i, Memory.get(x, i) * Memory.get(y, i));
    }
  }

  /** {@code y = y * a + x * b}. */
  static void mix(long x, long y, int n, float a, float b) {
    int whole = SPECIES.loopBound(n);
    FloatVector as = FloatVector.broadcast(SPECIES, a);
    for (int i = 0; i < whole; i += LANES) {
      load(y, i).fma(as, load(x, i).mul(b)).intoMemorySegment(ALL, at(y, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(y, i, Math.fma(Memory.get(y, i), a, Memory.get(x, i) * b));
    }
  }

  /** {@code dx = dy} where y &gt; 0, else {@code 0 dy}; dx may be dy. */
  static void reluBackward(long y, long dy, long dx, int n) {
    int whole = SPECIES.loopBound(n);
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector open = zero.blend(one, load(y, i).compare(VectorOperators.GT, 0f));
      load(dy, i).mul(open).intoMemorySegment(ALL, at(dx, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(dx, i, Memory.get(dy, i) * (Memory.get(y, i) > 0 ? 1f : 0f));
    }
  }

  /** Sum of squares in double precision: no float overflows in it, and none vanishes. */
  static double squares(long x, int n) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int whole = n & ~3;
    for (int i = 0; i < whole; i += 4) {
      double a = Memory.get(x, i);
      double b = Memory.get(x, i + 1);
      double c = Memory.get(x, i + 2);
      double d = Memory.get(x, i + 3);
      first += a * a;
      second += b * b;
      third += c * c;
      fourth += d * d;
    }
    for (int i = whole; i < n; i++) {
      double a = Memory.get(x, i);
      first += a * a;
    }
    return (first + second) + (third + fourth);
  }
}
