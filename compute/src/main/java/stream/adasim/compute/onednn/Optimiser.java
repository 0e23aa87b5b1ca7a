package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.Memory.ALL;
import static stream.adasim.compute.onednn.Memory.LANES;
import static stream.adasim.compute.onednn.Memory.ORDER;
import static stream.adasim.compute.onednn.Memory.SPECIES;
import static stream.adasim.compute.onednn.Memory.at;
import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import jdk.incubator.vector.FloatVector;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Updates over flat buffers, each in one pass, a block after the other on every thread. */
final class Optimiser {
  private final Threads threads;

  Optimiser(Threads threads) {
    this.threads = threads;
  }

  /** Numbers of one update: {@code w = w keep - rate m / (sqrt(v) + epsilon)}. */
  private record Update(float keep, float rate, float b1, float b2, float epsilon) {}

  void adamW(
      Tensor weights,
      Tensor gradients,
      Tensor m,
      Tensor v,
      float lr,
      float decay,
      float b1,
      float b2,
      float epsilon,
      long t) {
    Shapes.require(t >= 1, "adamW", "t=" + t, "1 or more");
    long size = weights.size();
    long w = SHAPES.own("adamW", "weights", weights).address();
    long g = SHAPES.vector("adamW", "gradients", gradients, size).address();
    long first = SHAPES.vector("adamW", "m", m, size).address();
    long second = SHAPES.vector("adamW", "v", v, size).address();
    // lr mhat / (sqrt(vhat) + eps) = (lr root / (1 - b1^t)) m / (sqrt(v) + eps root),
    // root = sqrt(1 - b2^t)
    double root = Math.sqrt(1 - Math.pow(b2, (double) t));
    var update =
        new Update(
            (float) (1 - (double) lr * decay),
            (float) (lr * root / (1 - Math.pow(b1, (double) t))),
            b1,
            b2,
            (float) (epsilon * root));
    threads.blocks(
        size,
        (from, count) ->
            update(at(w, from), at(g, from), at(first, from), at(second, from), count, update));
  }

  private static void update(long w, long g, long m, long v, int n, Update u) {
    int whole = SPECIES.loopBound(n);
    FloatVector b1 = FloatVector.broadcast(SPECIES, u.b1);
    FloatVector b2 = FloatVector.broadcast(SPECIES, u.b2);
    FloatVector keep = FloatVector.broadcast(SPECIES, u.keep);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector gradient = FloatVector.fromMemorySegment(SPECIES, ALL, at(g, i), ORDER);
      FloatVector first =
          FloatVector.fromMemorySegment(SPECIES, ALL, at(m, i), ORDER)
              .fma(b1, gradient.mul(1 - u.b1));
      FloatVector second =
          FloatVector.fromMemorySegment(SPECIES, ALL, at(v, i), ORDER)
              .fma(b2, gradient.mul(gradient).mul(1 - u.b2));
      first.intoMemorySegment(ALL, at(m, i), ORDER);
      second.intoMemorySegment(ALL, at(v, i), ORDER);
      FloatVector change = first.mul(u.rate).div(second.sqrt().add(u.epsilon));
      FloatVector.fromMemorySegment(SPECIES, ALL, at(w, i), ORDER)
          .mul(keep)
          .sub(change)
          .intoMemorySegment(ALL, at(w, i), ORDER);
    }
    for (int i = whole; i < n; i++) {
      float gradient = Memory.get(g, i);
      float first = Math.fma(Memory.get(m, i), u.b1, gradient * (1 - u.b1));
      float second = Math.fma(Memory.get(v, i), u.b2, gradient * gradient * (1 - u.b2));
      Memory.set(m, i, first);
      Memory.set(v, i, second);
      float change = first * u.rate / ((float) Math.sqrt(second) + u.epsilon);
      Memory.set(w, i, Memory.get(w, i) * u.keep - change);
    }
  }

  void ema(Tensor teacher, Tensor student, float momentum) {
    long t = SHAPES.own("ema", "teacher", teacher).address();
    long s = SHAPES.vector("ema", "student", student, teacher.size()).address();
    threads.blocks(
        teacher.size(),
        (from, count) -> Rows.mix(at(s, from), at(t, from), count, momentum, 1 - momentum));
  }
}
