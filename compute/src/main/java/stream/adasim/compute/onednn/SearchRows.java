package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What the search does with rows of scores and of vectors, by address. */
final class SearchRows {
  private static final boolean WIDE = DoubleVector.SPECIES_PREFERRED.length() >= 4;

  private SearchRows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, at(address, index), ORDER);
  }

  /**
   * The first row from {@code row} on with a score above its column's threshold, or {@code rows}.
   * Columns are a multiple of the lanes.
   */
  static int next(long scores, long thresholds, int row, int rows, int columns) {
    int at = row;
    while (at < rows && !passes(at(scores, (long) at * columns), thresholds, columns)) {
      at++;
    }
    return at;
  }

  private static boolean passes(long scores, long thresholds, int columns) {
    FloatVector excess = load(scores, 0).sub(load(thresholds, 0));
    for (int i = LANES; i < columns; i += LANES) {
      excess = excess.max(load(scores, i).sub(load(thresholds, i)));
    }
    return excess.compare(VectorOperators.GT, 0f).anyTrue();
  }

  /** A bit for each of one vector's scores that is above its threshold. */
  static long above(long scores, long thresholds, int column) {
    return load(scores, column).compare(VectorOperators.GT, load(thresholds, column)).toLong();
  }

  /**
   * Products of whole numbers become {@code score * scale * factors + error * perError + length *
   * perLength}; columns are a multiple of the lanes.
   */
  static void bounds(
      long scores,
      long factors,
      long perError,
      long perLength,
      int columns,
      float scale,
      float error,
      float length) {
    FloatVector errors = FloatVector.broadcast(SPECIES, error);
    FloatVector lengths = FloatVector.broadcast(SPECIES, length);
    for (int i = 0; i < columns; i += LANES) {
      FloatVector over = load(perError, i).fma(errors, load(perLength, i).mul(lengths));
      load(scores, i)
          .mul(scale)
          .fma(load(factors, i), over)
          .intoMemorySegment(ALL, at(scores, i), ORDER);
    }
  }

  /** A product in single precision, with sums enough to keep the multipliers busy. */
  static float product(long x, long y, int n) {
    int whole = n - n % (4 * LANES);
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < whole; i += 4 * LANES) {
      a = load(x, i).fma(load(y, i), a);
      b = load(x, i + LANES).fma(load(y, i + LANES), b);
      c = load(x, i + 2 * LANES).fma(load(y, i + 2 * LANES), c);
      d = load(x, i + 3 * LANES).fma(load(y, i + 3 * LANES), d);
    }
    float sum = Memory.sum(a.add(b).add(c.add(d)));
    return whole == n ? sum : sum + Rows.dot(at(x, whole), at(y, whole), n - whole);
  }

  /** The product in double precision, in eight sums whatever the width of vectors. */
  static float exactProduct(long x, long y, int n) {
    return WIDE ? exactByVectors(x, y, n) : exactOneByOne(x, y, n);
  }

  private static DoubleVector four(long address, int index) {
    return (DoubleVector)
        FloatVector.fromMemorySegment(FloatVector.SPECIES_128, ALL, at(address, index), ORDER)
            .convertShape(VectorOperators.F2D, DoubleVector.SPECIES_256, 0);
  }

  private static float exactByVectors(long x, long y, int n) {
    int whole = n & ~7;
    DoubleVector low = DoubleVector.zero(DoubleVector.SPECIES_256);
    DoubleVector high = low;
    for (int i = 0; i < whole; i += 8) {
      low = four(x, i).fma(four(y, i), low);
      high = four(x, i + 4).fma(four(y, i + 4), high);
    }
    // The rest begins at sum 0 again, since what went before is a multiple of eight.
    double[] sums = new double[8];
    low.intoArray(sums, 0);
    high.intoArray(sums, 4);
    return finish(sums, x, y, whole, n);
  }

  private static float exactOneByOne(long x, long y, int n) {
    return finish(new double[8], x, y, 0, n);
  }

  private static float finish(double[] sums, long x, long y, int from, int n) {
    for (int i = from; i < n; i++) {
      sums[i & 7] += (double) Memory.get(x, i) * Memory.get(y, i);
    }
    double even = (sums[0] + sums[4]) + (sums[2] + sums[6]);
    return (float) (even + ((sums[1] + sums[5]) + (sums[3] + sums[7])));
  }
}
