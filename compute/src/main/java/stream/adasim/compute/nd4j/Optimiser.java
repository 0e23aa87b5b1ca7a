package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Updates over flat buffers. */
final class Optimiser {
  private static final int BLOCK = 1 << 16;

  // ND4J's Adam corrects the bias in single precision, which loses most digits of 1 - b2^t in the
  // first steps. At this step number its own correction is exactly 1, and ours comes in through the
  // learning rate and epsilon.
  private static final int UNCORRECTED = Integer.MAX_VALUE - 1;

  private final Scratch scratch;

  Optimiser(Scratch scratch) {
    this.scratch = scratch;
  }

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
    Nd4jTensor w = SHAPES.own("adamW", "weights", weights);
    Nd4jTensor g = SHAPES.vector("adamW", "gradients", gradients, size);
    Nd4jTensor first = SHAPES.vector("adamW", "m", m, size);
    Nd4jTensor second = SHAPES.vector("adamW", "v", v, size);
    // lr mhat / (sqrt(vhat) + eps) = (lr root / (1 - b1^t)) m / (sqrt(v) + eps root),
    // root = sqrt(1 - b2^t)
    double root = Math.sqrt(1 - Math.pow(b2, (double) t));
    List<Double> settings =
        List.of(
            lr * root / (1 - Math.pow(b1, (double) t)), (double) b1, (double) b2, epsilon * root);
    int[] step = {UNCORRECTED};
    try (Scratch.Lease lease = scratch.borrow(BLOCK)) {
      for (long start = 0; start < size; start += BLOCK) {
        long n = Math.min(BLOCK, size - start);
        INDArray ws = w.arrayAt(start, n);
        INDArray ms = first.arrayAt(start, n);
        INDArray vs = second.arrayAt(start, n);
        INDArray update = lease.array(n);
        INDArray[] inputs = {g.arrayAt(start, n), vs, ms};
        Ops.custom("adam_updater", settings, step, inputs, update, vs, ms);
        if (decay != 0) {
          Ops.scale(1 - (double) lr * decay, ws);
        }
        Ops.axpy(-1, update, ws);
      }
    }
  }

  void ema(Tensor teacher, Tensor student, float momentum) {
    INDArray t = SHAPES.own("ema", "teacher", teacher).flat();
    INDArray s = SHAPES.vector("ema", "student", student, teacher.size()).flat();
    Ops.scale(momentum, t);
    Ops.axpy(1 - (double) momentum, s, t);
  }
}
