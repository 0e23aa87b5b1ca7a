package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
  /** What a bank's numbers are raised by: processors multiply signed bytes by unsigned ones. */
  static final int RAISED = 128;

  private static final int LINE = 64;

  private final int d;
  private final int raised;
  private final int stride; // bytes from one vector to the next
  private final MemorySegment codes; // (rows, stride), zeros behind the d-th
  private final float[] scales; // (rows)
  private final float[] errors; // (rows)
  private final float[] lengths; // (rows)

  private QuantizedBank(int rows, int d, int raised) {
    this.d = d;
    this.raised = raised;
    this.stride = (d + LINE - 1) / LINE * LINE;
    this.codes = Arena.ofAuto().allocate(Math.multiplyExact((long) rows, stride), LINE);
    this.scales = new float[rows];
    this.errors = new float[rows];
    this.lengths = new float[rows];
  }

  /** A bank to be multiplied with queries. */
  static QuantizedBank unsigned(int rows, int d) {
    return new QuantizedBank(rows, d, RAISED);
  }

  /** Queries. */
  static QuantizedBank signed(int rows, int d) {
    return new QuantizedBank(rows, d, 0);
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
      update(Memory.at(from.address(), (long) row * d), row);
    }
  }

  /** Takes over the D floats at an address. */
  void update(long vector, int row) {
    float scale = Math.max(QuantizedRows.most(vector, d) / QuantizedRows.MOST, Float.MIN_NORMAL);
    scales[row] = scale;
    errors[row] = up(Math.sqrt(QuantizedRows.encode(vector, codes(row), d, scale, raised)));
    lengths[row] = up(Math.sqrt(QuantizedRows.squares(vector, d)));
  }

  /** A float that is not below, whatever rounding did to sums of up to 2^20 squares. */
  private static float up(double value) {
    return Math.nextUp((float) (value * (1 + 0x1p-30)));
  }
}
