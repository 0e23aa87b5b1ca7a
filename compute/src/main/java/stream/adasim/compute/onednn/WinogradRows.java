package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The transforms of F(2x2, 3x3) by Lavin and Gray (2016), by address: all channels of a tile at
 * once. A tile's pixels are a row's and a column's bytes apart; what they become are 16 planes,
 * plane bytes apart, in rows and then in columns. What is to be multiplied may go to planes in
 * bfloat16.
 */
final class WinogradRows {
  private WinogradRows() {}

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, address, ORDER);
  }

  private static void store(FloatVector value, long address) {
    value.intoMemorySegment(ALL, address, ORDER);
  }

  static void copy(long from, long to, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      store(load(from + ((long) i << 2)), to + ((long) i << 2));
    }
    for (int i = whole; i < n; i++) {
      Memory.set(to, i, Memory.get(from, i));
    }
  }

  static void clear(long to, int n) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      store(FloatVector.zero(SPECIES), to + ((long) i << 2));
    }
    for (int i = whole; i < n; i++) {
      Memory.set(to, i, 0);
    }
  }

  /** {@code B' d B} of 4 x 4 pixels; B' d first, row by row of its result. */
  static void input(long tile, long row, long column, int n, long out, long plane) {
    input(tile, row, column, n, out, plane, false);
  }

  /** {@link #input} to planes in bfloat16. */
  static void inputToHalves(long tile, long row, long column, int n, long out, long plane) {
    input(tile, row, column, n, out, plane, true);
  }

  private static void input(
      long tile, long row, long column, int n, long out, long plane, boolean halves) {
    inputRow(tile, tile + 2 * row, -1, column, n, out, plane, halves);
    inputRow(tile + row, tile + 2 * row, 1, column, n, out + 4 * plane, plane, halves);
    inputRow(tile + 2 * row, tile + row, -1, column, n, out + 8 * plane, plane, halves);
    inputRow(tile + row, tile + 3 * row, -1, column, n, out + 12 * plane, plane, halves);
  }

  /** The row {@code x + sign * y} of B' d, times B. */
  private static void inputRow(
      long x, long y, float sign, long column, int n, long out, long plane, boolean halves) {
    int whole = SPECIES.loopBound(n);
    FloatVector signs = FloatVector.broadcast(SPECIES, sign);
    for (int i = 0; i < whole; i += LANES) {
      long at = (long) i << 2;
      FloatVector a = load(y + at).fma(signs, load(x + at));
      FloatVector b = load(y + column + at).fma(signs, load(x + column + at));
      FloatVector c = load(y + 2 * column + at).fma(signs, load(x + 2 * column + at));
      FloatVector d = load(y + 3 * column + at).fma(signs, load(x + 3 * column + at));
      Halves.storeIn(halves, a.sub(c), out, i);
      Halves.storeIn(halves, b.add(c), out + plane, i);
      Halves.storeIn(halves, c.sub(b), out + 2 * plane, i);
      Halves.storeIn(halves, b.sub(d), out + 3 * plane, i);
    }
    for (int i = whole; i < n; i++) {
      float a = Memory.get(x, i) + sign * Memory.get(y, i);
      float b = Memory.get(x + column, i) + sign * Memory.get(y + column, i);
      float c = Memory.get(x + 2 * column, i) + sign * Memory.get(y + 2 * column, i);
      float d = Memory.get(x + 3 * column, i) + sign * Memory.get(y + 3 * column, i);
      Halves.setIn(halves, out, i, a - c);
      Halves.setIn(halves, out + plane, i, b + c);
      Halves.setIn(halves, out + 2 * plane, i, c - b);
      Halves.setIn(halves, out + 3 * plane, i, b - d);
    }
  }

  /** {@code A' m A}: 2 x 2 pixels of 16 planes. */
  static void output(long tile, long row, long column, int n, long in, long plane) {
    outputRow(in, in + 4 * plane, in + 8 * plane, 1, plane, n, tile, column);
    outputRow(in + 4 * plane, in + 8 * plane, in + 12 * plane, -1, plane, n, tile + row, column);
  }

  /** The row {@code x + sign * (y + z)} of A' m, times A. */
  private static void outputRow(
      long x, long y, long z, float sign, long plane, int n, long out, long column) {
    int whole = SPECIES.loopBound(n);
    FloatVector signs = FloatVector.broadcast(SPECIES, sign);
    for (int i = 0; i < whole; i += LANES) {
      long at = (long) i << 2;
      FloatVector a = row(x + at, y + at, z + at, signs);
      FloatVector b = row(x + plane + at, y + plane + at, z + plane + at, signs);
      FloatVector c = row(x + 2 * plane + at, y + 2 * plane + at, z + 2 * plane + at, signs);
      FloatVector d = row(x + 3 * plane + at, y + 3 * plane + at, z + 3 * plane + at, signs);
      store(a.add(b).add(c), out + at);
      store(b.sub(c).sub(d), out + column + at);
    }
    for (int i = whole; i < n; i++) {
      float a = sum(x, y, z, sign, i);
      float b = sum(x + plane, y + plane, z + plane, sign, i);
      float c = sum(x + 2 * plane, y + 2 * plane, z + 2 * plane, sign, i);
      float d = sum(x + 3 * plane, y + 3 * plane, z + 3 * plane, sign, i);
      Memory.set(out, i, a + b + c);
      Memory.set(out + column, i, b - c - d);
    }
  }

  private static FloatVector row(long x, long y, long z, FloatVector signs) {
    return load(y).add(load(z)).fma(signs, load(x));
  }

  private static float sum(long x, long y, long z, float sign, int i) {
    return Memory.get(x, i) + sign * (Memory.get(y, i) + Memory.get(z, i));
  }

  /** {@code A d A'}: 16 planes of 2 x 2 pixels, the adjoint of {@link #output}. */
  static void gradient(long tile, long row, long column, int n, long out, long plane) {
    gradient(tile, row, column, n, out, plane, false);
  }

  /** {@link #gradient} to planes in bfloat16. */
  static void gradientToHalves(long tile, long row, long column, int n, long out, long plane) {
    gradient(tile, row, column, n, out, plane, true);
  }

  private static void gradient(
      long tile, long row, long column, int n, long out, long plane, boolean halves) {
    gradientRow(tile, tile, 0, column, n, out, plane, halves);
    gradientRow(tile, tile + row, 1, column, n, out + 4 * plane, plane, halves);
    gradientRow(tile, tile + row, -1, column, n, out + 8 * plane, plane, halves);
    gradientRow(tile + row, tile + row, -2, column, n, out + 12 * plane, plane, halves);
  }

  /** The row {@code x + sign * y} of A d, times A'. */
  private static void gradientRow(
      long x, long y, float sign, long column, int n, long out, long plane, boolean halves) {
    int whole = SPECIES.loopBound(n);
    FloatVector signs = FloatVector.broadcast(SPECIES, sign);
    for (int i = 0; i < whole; i += LANES) {
      long at = (long) i << 2;
      FloatVector a = load(y + at).fma(signs, load(x + at));
      FloatVector b = load(y + column + at).fma(signs, load(x + column + at));
      Halves.storeIn(halves, a, out, i);
      Halves.storeIn(halves, a.add(b), out + plane, i);
      Halves.storeIn(halves, a.sub(b), out + 2 * plane, i);
      Halves.storeIn(halves, b.neg(), out + 3 * plane, i);
    }
    for (int i = whole; i < n; i++) {
      float a = Memory.get(x, i) + sign * Memory.get(y, i);
      float b = Memory.get(x + column, i) + sign * Memory.get(y + column, i);
      Halves.setIn(halves, out, i, a);
      Halves.setIn(halves, out + plane, i, a + b);
      Halves.setIn(halves, out + 2 * plane, i, a - b);
      Halves.setIn(halves, out + 3 * plane, i, -b);
    }
  }
}
