package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;

/** One row of a layer norm and of its backward, by address. */
final class NormRows {
  private NormRows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, at(address, index), ORDER);
  }

  /** {@code y = (x - mean) * rstd * gamma + beta}. */
  static void normalise(long x, long gamma, long beta, long y, int d, float mean, float rstd) {
    int whole = SPECIES.loopBound(d);
    for (int i = 0; i < whole; i += LANES) {
      load(x, i)
          .sub(mean)
          .mul(rstd)
          .fma(load(gamma, i), load(beta, i))
          .intoMemorySegment(ALL, at(y, i), ORDER);
    }
    for (int i = whole; i < d; i++) {
      float xhat = (Memory.get(x, i) - mean) * rstd;
      Memory.set(y, i, Math.fma(xhat, Memory.get(gamma, i), Memory.get(beta, i)));
    }
  }

  /** The same in bfloat16. */
  static void normaliseToHalves(
      long x, long gamma, long beta, long y, int d, float mean, float rstd) {
    int whole = SPECIES.loopBound(d);
    for (int i = 0; i < whole; i += LANES) {
      Halves.store(load(x, i).sub(mean).mul(rstd).fma(load(gamma, i), load(beta, i)), y, i);
    }
    for (int i = whole; i < d; i++) {
      float xhat = (Memory.get(x, i) - mean) * rstd;
      Halves.set(y, i, Math.fma(xhat, Memory.get(gamma, i), Memory.get(beta, i)));
    }
  }

  /** {@code dgamma += dy xhat, dbeta += dy}; returns the sum of {@code dy gamma xhat}. */
  static float reduce(
      long x, long gamma, long dy, long dgamma, long dbeta, int d, float mean, float rstd) {
    int whole = SPECIES.loopBound(d);
    float sum = 0;
    if (whole > 0) {
      FloatVector all = FloatVector.zero(SPECIES);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector dys = load(dy, i);
        FloatVector slope = load(x, i).sub(mean).mul(rstd).mul(dys); // dy xhat
        load(dgamma, i).add(slope).intoMemorySegment(ALL, at(dgamma, i), ORDER);
        load(dbeta, i).add(dys).intoMemorySegment(ALL, at(dbeta, i), ORDER);
        all = slope.fma(load(gamma, i), all);
      }
      sum = Memory.sum(all);
    }
    for (int i = whole; i < d; i++) {
      float slope = (Memory.get(x, i) - mean) * rstd * Memory.get(dy, i);
      Memory.set(dgamma, i, Memory.get(dgamma, i) + slope);
      Memory.set(dbeta, i, Memory.get(dbeta, i) + Memory.get(dy, i));
      sum = Math.fma(slope, Memory.get(gamma, i), sum);
    }
    return sum;
  }

  /** {@code dx = rstd (dy gamma - gradientMean - xhat slopeMean)}, or that added to dx. */
  static void backward(
      long x,
      long gamma,
      long dy,
      long dx,
      int d,
      float mean,
      float rstd,
      float gradientMean,
      float slopeMean,
      boolean accumulate) {
    int whole = SPECIES.loopBound(d);
    float slope = -rstd * slopeMean; // of (x - mean), before the factor rstd
    for (int i = 0; i < whole; i += LANES) {
      FloatVector value = load(dy, i).mul(load(gamma, i)).sub(gradientMean);
      value = load(x, i).sub(mean).mul(slope).add(value).mul(rstd);
      if (accumulate) {
        value = value.add(load(dx, i));
      }
      value.intoMemorySegment(ALL, at(dx, i), ORDER);
    }
    for (int i = whole; i < d; i++) {
      float value = Memory.get(dy, i) * Memory.get(gamma, i) - gradientMean;
      value = ((Memory.get(x, i) - mean) * slope + value) * rstd;
      Memory.set(dx, i, accumulate ? value + Memory.get(dx, i) : value);
    }
  }
}
