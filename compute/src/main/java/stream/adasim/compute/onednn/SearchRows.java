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
    // No vector is kept from one turn to the next: such have been seen to be made objects.
    for (int i = 0; i < columns; i += LANES) {
      if (load(scores, i).compare(VectorOperators.GT, load(thresholds, i)).anyTrue()) {
        return true;
      }
    }
    return false;
  }

  /** A bit for each of one vector's scores that is above its threshold. */
  static long above(long scores, long thresholds, int column) {
    return load(scores, column).compare(VectorOperators.GT, load(thresholds, column)).toLong();
  }

  /**
   * Products in single precision of some rows of x with rows of y, the same bits however many are
   * asked for.
   */
  static void products(
      long x, int[] xRows, long y, int[] yRows, int n, int pairs, float[] products) {
    int i = 0;
    for (; i + 4 <= pairs; i += 4) {
      // Rows lie far apart: four at a time wait for memory together.
      fourProducts(
          at(x, (long) xRows[i] * n),
          at(y, (long) yRows[i] * n),
          at(x, (long) xRows[i + 1] * n),
          at(y, (long) yRows[i + 1] * n),
          at(x, (long) xRows[i + 2] * n),
          at(y, (long) yRows[i + 2] * n),
          at(x, (long) xRows[i + 3] * n),
          at(y, (long) yRows[i + 3] * n),
          n,
          products,
          i);
    }
    for (; i < pairs; i++) {
      products[i] = product(at(x, (long) xRows[i] * n), at(y, (long) yRows[i] * n), n);
    }
  }

  private static void fourProducts(
      long x0,
      long y0,
      long x1,
      long y1,
      long x2,
      long y2,
      long x3,
      long y3,
      int n,
      float[] products,
      int index) {
    int whole = SPECIES.loopBound(n);
    FloatVector sum0 = FloatVector.zero(SPECIES);
    FloatVector sum1 = FloatVector.zero(SPECIES);
    FloatVector sum2 = FloatVector.zero(SPECIES);
    FloatVector sum3 = FloatVector.zero(SPECIES);
    for (int i = 0; i < whole; i += LANES) {
      sum0 = load(x0, i).fma(load(y0, i), sum0);
      sum1 = load(x1, i).fma(load(y1, i), sum1);
      sum2 = load(x2, i).fma(load(y2, i), sum2);
      sum3 = load(x3, i).fma(load(y3, i), sum3);
    }
    products[index] = Memory.sum(sum0) + rest(x0, y0, whole, n);
    products[index + 1] = Memory.sum(sum1) + rest(x1, y1, whole, n);
    products[index + 2] = Memory.sum(sum2) + rest(x2, y2, whole, n);
    products[index + 3] = Memory.sum(sum3) + rest(x3, y3, whole, n);
  }

  private static float product(long x, long y, int n) {
    int whole = SPECIES.loopBound(n);
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < whole; i += LANES) {
      sum = load(x, i).fma(load(y, i), sum);
    }
    return Memory.sum(sum) + rest(x, y, whole, n);
  }

  private static float rest(long x, long y, int from, int n) {
    float sum = 0;
    for (int i = from; i < n; i++) {
      sum = Math.fma(Memory.get(x, i), Memory.get(y, i), sum);
    }
    return sum;
  }

  /**
   * The products in double precision of a query with rows of a bank, each in eight sums whatever
   * the width of vectors; negative infinity where a row is negative.
   */
  static void exactProducts(
      long query, long bank, int n, int[] rows, int from, int to, float[] products) {
    int i = from;
    if (WIDE && n % 8 == 0) {
      for (; i + 4 <= to && (rows[i] | rows[i + 1] | rows[i + 2] | rows[i + 3]) >= 0; i += 4) {
        // Rows lie far apart: four at a time wait for memory together.
        fourByVectors(
            query,
            at(bank, (long) rows[i] * n),
            at(bank, (long) rows[i + 1] * n),
            at(bank, (long) rows[i + 2] * n),
            at(bank, (long) rows[i + 3] * n),
            n,
            products,
            i);
      }
    }
    for (; i < to; i++) {
      products[i] =
          rows[i] < 0
              ? Float.NEGATIVE_INFINITY
              : exactProduct(query, at(bank, (long) rows[i] * n), n);
    }
  }

  private static void fourByVectors(
      long query, long a, long b, long c, long d, int n, float[] products, int index) {
    DoubleVector aLow = DoubleVector.zero(DoubleVector.SPECIES_256);
    DoubleVector aHigh = aLow;
    DoubleVector bLow = aLow;
    DoubleVector bHigh = aLow;
    DoubleVector cLow = aLow;
    DoubleVector cHigh = aLow;
    DoubleVector dLow = aLow;
    DoubleVector dHigh = aLow;
    for (int i = 0; i < n; i += 8) {
      DoubleVector low = four(query, i);
      DoubleVector high = four(query, i + 4);
      aLow = four(a, i).fma(low, aLow);
      bLow = four(b, i).fma(low, bLow);
      cLow = four(c, i).fma(low, cLow);
      dLow = four(d, i).fma(low, dLow);
      aHigh = four(a, i + 4).fma(high, aHigh);
      bHigh = four(b, i + 4).fma(high, bHigh);
      cHigh = four(c, i + 4).fma(high, cHigh);
      dHigh = four(d, i + 4).fma(high, dHigh);
    }
    products[index] = sum(aLow.add(aHigh));
    products[index + 1] = sum(bLow.add(bHigh));
    products[index + 2] = sum(cLow.add(cHigh));
    products[index + 3] = sum(dLow.add(dHigh));
  }

  private static float sum(DoubleVector v) {
    return (float) ((v.lane(0) + v.lane(2)) + (v.lane(1) + v.lane(3)));
  }

  private static float exactProduct(long x, long y, int n) {
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
    if (whole == n) {
      return sum(low.add(high));
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
