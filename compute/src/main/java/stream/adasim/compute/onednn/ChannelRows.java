package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Pixels, channels side by side, as batch norm reads them: rows of c floats, by address. */
final class ChannelRows {
  private ChannelRows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, at(address, index), ORDER);
  }

  private static void store(FloatVector value, long address, int index) {
    value.intoMemorySegment(ALL, at(address, index), ORDER);
  }

  /**
   * {@code sums += x} for each of some rows.
   *
   * @param halves whether x is in bfloat16
   */
  static void sum(boolean halves, long x, int rows, int c, long sums) {
    for (int row = 0; row < rows; row++) {
      if (halves) {
        HalfRows.add(Halves.at(x, (long) row * c), sums, c);
      } else {
        Rows.add(at(x, (long) row * c), sums, c);
      }
    }
  }

  /** {@code sums += x - shift, squares += (x - shift)^2} for each of some rows. */
  static void moments(long x, int rows, int c, long shift, long sums, long squares) {
    for (int row = 0; row < rows; row++) {
      moments(at(x, (long) row * c), c, shift, sums, squares);
    }
  }

  private static void moments(long x, int c, long shift, long sums, long squares) {
    int whole = SPECIES.loopBound(c);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector apart = load(x, i).sub(load(shift, i));
      store(load(sums, i).add(apart), sums, i);
      store(apart.fma(apart, load(squares, i)), squares, i);
    }
    for (int i = whole; i < c; i++) {
      float apart = Memory.get(x, i) - Memory.get(shift, i);
      Memory.set(sums, i, Memory.get(sums, i) + apart);
      Memory.set(squares, i, Math.fma(apart, apart, Memory.get(squares, i)));
    }
  }

  /** {@code y = max((x - centre) * scale + shift, least)}; y may be x. */
  static void normalise(
      long x, long y, int rows, int c, long centre, long scale, long shift, float least) {
    int whole = SPECIES.loopBound(c);
    for (int row = 0; row < rows; row++) {
      long from = at(x, (long) row * c);
      long to = at(y, (long) row * c);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector apart = load(from, i).sub(load(centre, i));
        FloatVector normed = apart.fma(load(scale, i), load(shift, i));
        store(normed.blend(least, normed.compare(VectorOperators.LT, least)), to, i);
      }
      for (int i = whole; i < c; i++) {
        float apart = Memory.get(from, i) - Memory.get(centre, i);
        float normed = Math.fma(apart, Memory.get(scale, i), Memory.get(shift, i));
        Memory.set(to, i, Math.max(normed, least));
      }
    }
  }

  /** {@code y = max((x - centre) * scale + shift + residual, least)}; y may be residual. */
  static void normaliseAndAdd(
      long x,
      long residual,
      long y,
      int rows,
      int c,
      long centre,
      long scale,
      long shift,
      float least) {
    int whole = SPECIES.loopBound(c);
    for (int row = 0; row < rows; row++) {
      long from = at(x, (long) row * c);
      long beside = at(residual, (long) row * c);
      long to = at(y, (long) row * c);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector apart = load(from, i).sub(load(centre, i));
        FloatVector normed = apart.fma(load(scale, i), load(shift, i)).add(load(beside, i));
        store(normed.blend(least, normed.compare(VectorOperators.LT, least)), to, i);
      }
      for (int i = whole; i < c; i++) {
        float apart = Memory.get(from, i) - Memory.get(centre, i);
        float normed = Math.fma(apart, Memory.get(scale, i), Memory.get(shift, i));
        Memory.set(to, i, Math.max(normed + Memory.get(beside, i), least));
      }
    }
  }

  /** {@code dy += beside}. */
  static void add(long beside, long dy, int rows, int c) {
    Rows.add(beside, dy, rows * c);
  }

  /** {@code dy = dy} where y &gt; 0, else {@code 0 dy}. */
  static void mask(long y, long dy, int rows, int c) {
    Rows.reluBackward(y, dy, dy, rows * c);
  }

  /** {@code dy = dy + beside} where y &gt; 0, else 0 times that. */
  static void addAndMask(long y, long beside, long dy, int rows, int c) {
    int n = rows * c;
    int whole = SPECIES.loopBound(n);
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector open = zero.blend(one, load(y, i).compare(VectorOperators.GT, 0f));
      store(load(dy, i).add(load(beside, i)).mul(open), dy, i);
    }
    for (int i = whole; i < n; i++) {
      float sum = Memory.get(dy, i) + Memory.get(beside, i);
      Memory.set(dy, i, sum * (Memory.get(y, i) > 0 ? 1f : 0f));
    }
  }

  /** {@code sums += dy, slopes += dy (x - centre)} for each of some rows. */
  static void gradients(long x, long dy, int rows, int c, long centre, long sums, long slopes) {
    int whole = SPECIES.loopBound(c);
    for (int row = 0; row < rows; row++) {
      long from = at(x, (long) row * c);
      long back = at(dy, (long) row * c);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector gradient = load(back, i);
        FloatVector apart = load(from, i).sub(load(centre, i));
        store(load(sums, i).add(gradient), sums, i);
        store(apart.fma(gradient, load(slopes, i)), slopes, i);
      }
      for (int i = whole; i < c; i++) {
        float gradient = Memory.get(back, i);
        float apart = Memory.get(from, i) - Memory.get(centre, i);
        Memory.set(sums, i, Memory.get(sums, i) + gradient);
        Memory.set(slopes, i, Math.fma(apart, gradient, Memory.get(slopes, i)));
      }
    }
  }

  /** {@code dx = (x - centre) * tilt + dy * factor + shift}; dx may be dy. */
  static void tilt(
      long x, long dy, long dx, int rows, int c, long centre, long tilt, long factor, long shift) {
    int whole = SPECIES.loopBound(c);
    for (int row = 0; row < rows; row++) {
      long from = at(x, (long) row * c);
      long back = at(dy, (long) row * c);
      long to = at(dx, (long) row * c);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector rest = load(back, i).fma(load(factor, i), load(shift, i));
        store(load(from, i).sub(load(centre, i)).fma(load(tilt, i), rest), to, i);
      }
      for (int i = whole; i < c; i++) {
        float rest = Math.fma(Memory.get(back, i), Memory.get(factor, i), Memory.get(shift, i));
        float apart = Memory.get(from, i) - Memory.get(centre, i);
        Memory.set(to, i, Math.fma(apart, Memory.get(tilt, i), rest));
      }
    }
  }
}
