package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import stream.adasim.compute.QuantizedVectors;
import stream.adasim.compute.Tensor;

/**
 * Vectors as whole numbers of 8 bits times a factor of each vector's own (scalar quantization),
 * with the length of each vector and of what rounding took from it, neither of them rounded down.
 *
 * <p>Needs D bytes for a vector, D up to whole cache lines, and 12 more.
 */
final class QuantizedBank implements QuantizedVectors {
  private static final int LINE = 64;
  private static final int MOST = 127;

  private final int d;
  private final int stride; // bytes from one vector to the next
  private final MemorySegment codes; // (rows, stride), zeros behind the d-th
  private final float[] scales; // (rows)
  private final float[] errors; // (rows)
  private final float[] lengths; // (rows)

  QuantizedBank(int rows, int d) {
    this.d = d;
    this.stride = (d + LINE - 1) / LINE * LINE;
    this.codes = Arena.ofAuto().allocate(Math.multiplyExact((long) rows, stride), LINE);
    this.scales = new float[rows];
    this.errors = new float[rows];
    this.lengths = new float[rows];
  }

  int rows() {
    return scales.length;
  }

  int dimension() {
    return d;
  }

  int stride() {
    return stride;
  }

  /** Where a vector's numbers lie; valid while this object is reachable. */
  long codes(int row) {
    return codes.address() + (long) row * stride;
  }

  /** What a vector's numbers are multiples of. */
  float scale(int row) {
    return scales[row];
  }

  /** Length of what lies between a vector and its copy. */
  float error(int row) {
    return errors[row];
  }

  float length(int row) {
    return lengths[row];
  }

  @Override
  public void update(Tensor vectors, int first, int count) {
    String kernel = "quantized";
    NativeTensor from = SHAPES.matrix(kernel, "vectors", vectors, vectors.rows(), d);
    Objects.checkFromIndexSize(first, count, Math.min(rows(), from.rows()));
    for (int row = first; row < first + count; row++) {
      update(from.memory(), row, row);
    }
  }

  /** Takes over one row of (any number, D) floats. */
  void update(MemorySegment vectors, int from, int row) {
    long at = (long) from * d * Float.BYTES;
    float most = 0;
    for (int i = 0; i < d; i++) {
      most = Math.max(most, Math.abs(vectors.get(ValueLayout.JAVA_FLOAT, at + 4L * i)));
    }
    float scale = Math.max(most / MOST, Float.MIN_NORMAL);
    double inverse = 1.0 / scale;
    long to = (long) row * stride;
    double squares = 0;
    double lost = 0;
    for (int i = 0; i < d; i++) {
      double value = vectors.get(ValueLayout.JAVA_FLOAT, at + 4L * i);
      double code = Math.clamp(Math.rint(value * inverse), -MOST, MOST);
      codes.set(ValueLayout.JAVA_BYTE, to + i, (byte) code);
      double rest = value - code * scale; // exact: 24 and 7 bits
      squares += value * value;
      lost += rest * rest;
    }
    scales[row] = scale;
    errors[row] = up(Math.sqrt(lost));
    lengths[row] = up(Math.sqrt(squares));
  }

  /** A float that is not below, whatever rounding did to sums of up to 2^20 squares. */
  private static float up(double value) {
    return Math.nextUp((float) (value * (1 + 0x1p-30)));
  }
}
