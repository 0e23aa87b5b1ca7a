package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Bounds from products of whole numbers, as {@link QuantizedSide} explains them, by address. */
final class BoundRows {
  private BoundRows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, at(address, index), ORDER);
  }

  /** {@code bars = (thresholds - error * perError - length * perLength) / factors}. */
  static void bars(
      long thresholds,
      long factors,
      long perError,
      long perLength,
      float error,
      float length,
      long bars,
      int columns) {
    for (int i = 0; i < columns; i += LANES) {
      FloatVector over = load(perError, i).mul(error).add(load(perLength, i).mul(length));
      load(thresholds, i)
          .sub(over)
          .div(load(factors, i))
          .intoMemorySegment(ALL, at(bars, i), ORDER);
    }
  }

  /** Whether any score, less what was raised, exceeds its bar times {@code unit}. */
  static boolean passes(long scores, long bars, long raised, float unit, int columns) {
    // No vector is kept from one turn to the next: such have been seen to be made objects.
    for (int i = 0; i < columns; i += LANES) {
      FloatVector score = load(scores, i).sub(load(raised, i));
      if (score.compare(VectorOperators.GT, load(bars, i).mul(unit)).anyTrue()) {
        return true;
      }
    }
    return false;
  }

  /** A bit for each of one vector's scores whose bound exceeds its threshold. */
  static long above(
      long scores,
      int column,
      long thresholds,
      long factors,
      long raised,
      long perError,
      long perLength,
      float scale,
      float error,
      float length) {
    FloatVector over = load(perError, column).mul(error).add(load(perLength, column).mul(length));
    return load(scores, column)
        .sub(load(raised, column))
        .mul(scale)
        .fma(load(factors, column), over)
        .compare(VectorOperators.GT, load(thresholds, column))
        .toLong();
  }
}
