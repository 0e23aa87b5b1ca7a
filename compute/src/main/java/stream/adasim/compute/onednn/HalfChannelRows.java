package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link ChannelRows} of pixels in bfloat16; what there is one of per channel is floats. Loops of
 * their own, since a choice of types within one makes objects of its vectors.
 */
final class HalfChannelRows {
  private HalfChannelRows() {}

  private static FloatVector load(long address, int index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, at(address, index), ORDER);
  }

  private static void store(FloatVector value, long address, int index) {
    value.intoMemorySegment(ALL, at(address, index), ORDER);
  }

  /** {@code sums += x - shift, squares += (x - shift)^2} for each of some rows. */
  static void moments(long x, int rows, int c, long shift, long sums, long squares) {
    for (int row = 0; row < rows; row++) {
      moments(Halves.at(x, (long) row * c), c, shift, sums, squares);
    }
  }

  private static void moments(long x, int c, long shift, long sums, long squares) {
    int whole = SPECIES.loopBound(c);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector apart = Halves.load(x, i).sub(load(shift, i));
      store(load(sums, i).add(apart), sums, i);
      store(apart.fma(apart, load(squares, i)), squares, i);
    }
    for (int i = whole; i < c; i++) {
      float apart = Halves.get(x, i) - Memory.get(shift, i);
      Memory.set(sums, i, Memory.get(sums, i) + apart);
      Memory.set(squares, i, Math.fma(apart, apart, Memory.get(squares, i)));
    }
  }

  /** {@code y = max((x - centre) * scale + shift, least)}; y may be x. */
  static void normalise(
      long x, long y, int rows, int c, long centre, long scale, long shift, float least) {
    int whole = SPECIES.loopBound(c);
    for (int row = 0; row < rows; row++) {
      long from = Halves.at(x, (long) row * c);
      long to = Halves.at(y, (long) row * c);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector apart = Halves.load(from, i).sub(load(centre, i));
        FloatVector normed = apart.fma(load(scale, i), load(shift, i));
        Halves.store(normed.blend(least, normed.compare(VectorOperators.LT, least)), to, i);
      }
      for (int i = whole; i < c; i++) {
        float apart = Halves.get(from, i) - Memory.get(centre, i);
        float normed = Math.fma(apart, Memory.get(scale, i), Memory.get(shift, i));
        Halves.set(to, i, Math.max(normed, least));
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
      long from = Halves.at(x, (long) row * c);
      long beside = Halves.at(residual, (long) row * c);
      long to = Halves.at(y, (long) row * c);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector apart = Halves.load(from, i).sub(load(centre, i));
        FloatVector normed = apart.fma(load(scale, i), load(shift, i)).add(Halves.load(beside, i));
        Halves.store(normed.blend(least, normed.compare(VectorOperators.LT, least)), to, i);
      }
      for (int i = whole; i < c; i++) {
        float apart = Halves.get(from, i) - Memory.get(centre, i);
        float normed = Math.fma(apart, Memory.get(scale, i), Memory.get(shift, i));
        Halves.set(to, i, Math.max(normed + Halves.get(beside, i), least));
      }
    }
  }

  /** {@code dy += beside}. */
  static void add(long beside, long dy, int rows, int c) {
    HalfRows.axpy(1, beside, dy, rows * c);
  }

  /** {@code dy = dy} where y &gt; 0, else {@code 0 dy}. */
  static void mask(long y, long dy, int rows, int c) {
    int n = rows * c;
    int whole = SPECIES.loopBound(n);
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector open = zero.blend(one, Halves.load(y, i).compare(VectorOperators.GT, 0f));
      Halves.store(Halves.load(dy, i).mul(open), dy, i);
    }
    for (int i = whole; i < n; i++) {
      Halves.set(dy, i, Halves.get(dy, i) * (Halves.get(y, i) > 0 ? 1f : 0f));
    }
  }

  /** {@code dy = dy + beside} where y &gt; 0, else 0 times that. */
  static void addAndMask(long y, long beside, long dy, int rows, int c) {
    int n = rows * c;
    int whole = SPECIES.loopBound(n);
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector open = zero.blend(one, Halves.load(y, i).compare(VectorOperators.GT, 0f));
      Halves.store(Halves.load(dy, i).add(Halves.load(beside, i)).mul(open), dy, i);
    }
    for (int i = whole; i < n; i++) {
      float sum = Halves.get(dy, i) + Halves.get(beside, i);
      Halves.set(dy, i, sum * (Halves.get(y, i) > 0 ? 1f : 0f));
    }
  }

  /** {@code sums += dy, slopes += dy (x - centre)} for each of some rows. */
  static void gradients(long x, long dy, int rows, int c, long centre, long sums, long slopes) {
    int whole = SPECIES.loopBound(c);
    for (int row = 0; row < rows; row++) {
      long from = Halves.at(x, (long) row * c);
      long back = Halves.at(dy, (long) row * c);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector gradient = Halves.load(back, i);
        FloatVector apart = Halves.load(from, i).sub(load(centre, i));
        store(load(sums, i).add(gradient), sums, i);
        store(apart.fma(gradient, load(slopes, i)), slopes, i);
      }
      for (int i = whole; i < c; i++) {
        float gradient = Halves.get(back, i);
        float apart = Halves.get(from, i) - Memory.get(centre, i);
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
      long from = Halves.at(x, (long) row * c);
      long back = Halves.at(dy, (long) row * c);
      long to = Halves.at(dx, (long) row * c);
      for (int i = 0; i < whole; i += LANES) {
        FloatVector rest = Halves.load(back, i).fma(load(factor, i), load(shift, i));
        Halves.store(Halves.load(from, i).sub(load(centre, i)).fma(load(tilt, i), rest), to, i);
      }
      for (int i = whole; i < c; i++) {
        float rest = Math.fma(Halves.get(back, i), Memory.get(factor, i), Memory.get(shift, i));
        float apart = Halves.get(from, i) - Memory.get(centre, i);
        Halves.set(to, i, Math.fma(apart, Memory.get(tilt, i), rest));
      }
    }
  }
}
