package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The filters' side of F(2x2, 3x3) by Lavin and Gray (2016), by address: as many pairs of a filter
 * and a channel at once as a vector has lanes. What the last vector has more goes to the gap behind
 * a plane, or comes from there.
 */
final class WinogradFilters {
  private static final int TAPS = 9;

  // G by columns
  private static final float[] FIRST = {1, 0.5f, 0.5f, 0};
  private static final float[] SECOND = {0, 0.5f, -0.5f, 0};
  private static final float[] THIRD = {0, 0.5f, 0.5f, 1};

  private WinogradFilters() {}

  /** Floats on the heap that the methods work in. */
  static int scratch() {
    return LANES * TAPS;
  }

  /** How many vectors so many pairs take. */
  static int vectors(int pairs) {
    return Math.ceilDiv(pairs, LANES);
  }

  /**
   * {@code G g G'} for some pairs of w (O, C, 3, 3).
   *
   * @param pairs all of them, O C
   * @param from vector of pairs
   * @param turned whether by 180 degrees, as the gradient of the inputs takes them
   * @param halves whether the planes are in bfloat16
   * @param planes 16 times (O, C), plane elements from one to the next
   * @param scratch of {@link #scratch} floats
   */
  static void forward(
      long w,
      int pairs,
      int from,
      int to,
      boolean turned,
      boolean halves,
      long planes,
      int plane,
      float[] scratch) {
    long bytes = (long) plane * (halves ? Short.BYTES : Float.BYTES);
    for (int vector = from; vector < to; vector++) {
      int pair = vector * LANES;
      int n = Math.min(LANES, pairs - pair);
      byTaps(Memory.at(w, (long) pair * TAPS), n, scratch);
      transform(scratch, turned ? TAPS - 1 : 0, turned ? -1 : 1, halves, planes, pair, bytes);
    }
  }

  /** Copies n pairs, so that what vectors take lies side by side. */
  private static void byTaps(long w, int n, float[] taps) {
    for (int lane = 0; lane < n; lane++) {
      for (int tap = 0; tap < TAPS; tap++) {
        taps[tap * LANES + lane] = Memory.get(w, lane * TAPS + tap);
      }
    }
  }

  /**
   * Taps in rows, from the first on in steps: one row of G g after the other, times G'. All rows go
   * the same way, since a method that is compiled in parts makes objects of vectors.
   */
  private static void transform(
      float[] taps, int first, int step, boolean halves, long out, int pair, long plane) {
    for (int row = 0; row < 4; row++) {
      row(taps, first, step, row, halves, out + 4L * row * plane, pair, plane);
    }
  }

  private static void row(
      float[] taps, int first, int step, int row, boolean halves, long out, int pair, long plane) {
    FloatVector u = FloatVector.broadcast(SPECIES, FIRST[row]);
    FloatVector v = FloatVector.broadcast(SPECIES, SECOND[row]);
    FloatVector w = FloatVector.broadcast(SPECIES, THIRD[row]);
    int down = 3 * step;
    int last = first + 2 * down;
    FloatVector a = tap(taps, first).mul(u);
    FloatVector b = tap(taps, first + step).mul(u);
    FloatVector c = tap(taps, first + 2 * step).mul(u);
    a = tap(taps, last).fma(w, tap(taps, first + down).fma(v, a));
    b = tap(taps, last + step).fma(w, tap(taps, first + down + step).fma(v, b));
    c = tap(taps, last + 2 * step).fma(w, tap(taps, first + down + 2 * step).fma(v, c));
    FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector sum = a.add(c);
    Halves.storeIn(halves, a, out, pair);
    Halves.storeIn(halves, sum.add(b).mul(half), out + plane, pair);
    Halves.storeIn(halves, sum.sub(b).mul(half), out + 2 * plane, pair);
    Halves.storeIn(halves, c, out + 3 * plane, pair);
  }

  private static FloatVector tap(float[] taps, int tap) {
    return FloatVector.fromArray(SPECIES, taps, tap * LANES);
  }

  /**
   * {@code dw += G' m G} for some pairs, dw (O, C, 3, 3).
   *
   * @param planes m, 16 times (O, C), plane elements from one to the next
   * @param pairs all of them, O C
   * @param from vector of pairs
   * @param scratch of {@link #scratch} floats
   */
  static void backward(
      long planes, int plane, int pairs, int from, int to, long dw, float[] scratch) {
    long bytes = (long) plane * Float.BYTES;
    for (int vector = from; vector < to; vector++) {
      int pair = vector * LANES;
      long in = Memory.at(planes, pair);
      outer(in, bytes, 0, scratch, 0);
      middle(in, bytes, scratch);
      outer(in, bytes, 3 * bytes, scratch, 2);
      add(scratch, Math.min(LANES, pairs - pair), Memory.at(dw, (long) pair * TAPS));
    }
  }

  private static void add(float[] taps, int n, long dw) {
    for (int lane = 0; lane < n; lane++) {
      for (int tap = 0; tap < TAPS; tap++) {
        int at = lane * TAPS + tap;
        Memory.set(dw, at, Memory.get(dw, at) + taps[tap * LANES + lane]);
      }
    }
  }

  /** The first or the last column of the filters; column: where that of m lies. */
  private static void outer(long in, long plane, long column, float[] taps, int tap) {
    FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
    long second = in + 4 * plane;
    long third = in + 8 * plane;
    long last = in + 12 * plane;
    FloatVector a = load(in + plane).add(load(in + 2 * plane));
    FloatVector b = load(second + plane).add(load(second + 2 * plane));
    FloatVector c = load(third + plane).add(load(third + 2 * plane));
    FloatVector d = load(last + plane).add(load(last + 2 * plane));
    b = b.fma(half, load(second + column));
    c = c.fma(half, load(third + column));
    FloatVector sum = b.add(c);
    a.add(sum).fma(half, load(in + column)).intoArray(taps, tap * LANES);
    b.sub(c).mul(half).intoArray(taps, (tap + 3) * LANES);
    d.add(sum).fma(half, load(last + column)).intoArray(taps, (tap + 6) * LANES);
  }

  private static void middle(long in, long plane, float[] taps) {
    FloatVector half = FloatVector.broadcast(SPECIES, 0.5f);
    long second = in + 4 * plane;
    long third = in + 8 * plane;
    long last = in + 12 * plane;
    FloatVector a = load(in + plane).sub(load(in + 2 * plane));
    FloatVector b = load(second + plane).sub(load(second + 2 * plane)).mul(half);
    FloatVector c = load(third + plane).sub(load(third + 2 * plane)).mul(half);
    FloatVector d = load(last + plane).sub(load(last + 2 * plane));
    FloatVector sum = b.add(c);
    a.add(sum).mul(half).intoArray(taps, LANES);
    b.sub(c).mul(half).intoArray(taps, 4 * LANES);
    d.add(sum).mul(half).intoArray(taps, 7 * LANES);
  }

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, address, ORDER);
  }
}
