package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;

/** Rows of n numbers of which some are in bfloat16 (halves), by address; sums are in float32. */
final class HalfRows {
  private HalfRows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, at(address, index), ORDER);
  }

  /** {@code halves = x * scale}. */
  static void scale(long x, long halves, int n, float scale) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      Halves.store(load(x, i).mul(scale), halves, i);
    }
    for (int i = whole; i < n; i++) {
      Halves.set(halves, i, Memory.get(x, i) * scale);
    }
  }

  /** {@code halves = x}. */
  static void narrow(long x, long halves, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      Halves.store(load(x, i), halves, i);
    }
    for (int i = whole; i < n; i++) {
      Halves.set(halves, i, Memory.get(x, i));
    }
  }

  /** {@code x = halves}. */
  static void widen(long halves, long x, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      Halves.load(halves, i).intoMemorySegment(ALL, at(x, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(x, i, Halves.get(halves, i));
    }
  }

  /** {@code z = x * y}, all of halves; z may be either. */
  static void multiply(long x, long y, long z, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      Halves.store(Halves.load(x, i).mul(Halves.load(y, i)), z, i);
    }
    for (int i = whole; i < n; i++) {
      Halves.set(z, i, Halves.get(x, i) * Halves.get(y, i));
    }
  }

  /** {@code y += halves}. */
  static void add(long halves, long y, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      Halves.load(halves, i).add(load(y, i)).intoMemorySegment(ALL, at(y, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      Memory.set(y, i, Halves.get(halves, i) + Memory.get(y, i));
    }
  }

  /** {@code y += alpha x}, of halves both. */
  static void axpy(float alpha, long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    FloatVector alphas = FloatVector.broadcast(SPECIES, alpha);
    for (int i = 0; i < whole; i += LANES) {
      Halves.store(Halves.load(x, i).fma(alphas, Halves.load(y, i)), y, i);
    }
    for (int i = whole; i < n; i++) {
      Halves.set(y, i, Math.fma(Halves.get(x, i), alpha, Halves.get(y, i)));
    }
  }

  /** {@code y = max(x, y)}, of halves both. */
  static void max(long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      Halves.store(Halves.load(x, i).max(Halves.load(y, i)), y, i);
    }
    for (int i = whole; i < n; i++) {
      Halves.set(y, i, Math.max(Halves.get(x, i), Halves.get(y, i)));
    }
  }

  /** Sum of {@code halves * y}. */
  static float dot(long halves, long y, int n) {
    int whole = SPECIES.loopBound(n);
    float sum = 0;
    if (whole > 0) {
      FloatVector all = FloatVector.zero(SPECIES);
      for (int i = 0; i < whole; i += LANES) {
        all = Halves.load(halves, i).fma(load(y, i), all);
      }
      sum = Memory.sum(all);
    }
    for (int i = whole; i < n; i++) {
      sum = Math.fma(Halves.get(halves, i), Memory.get(y, i), sum);
    }
    return sum;
  }

  /**
   * {@code ds = p (dp - mean) * scale}: the backward of a softmax, mean being the sum of p dp; p
   * and ds of halves. ds may begin where dp does.
   */
  static void softmaxBackward(long p, long dp, long ds, int n, float mean, float scale) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      Halves.store(load(dp, i).sub(mean).mul(scale).mul(Halves.load(p, i)), ds, i);
    }
    for (int i = whole; i < n; i++) {
      Halves.set(ds, i, (Memory.get(dp, i) - mean) * scale * Halves.get(p, i));
    }
  }
}
