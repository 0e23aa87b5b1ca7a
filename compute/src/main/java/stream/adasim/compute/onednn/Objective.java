package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Softmax, cross-entropy, and the sums that are taken in double precision over rows or blocks. */
final class Objective {
  private static final int BLOCK = 1 << 12;

  private final Threads threads;

  Objective(Threads threads) {
    this.threads = threads;
  }

  void softmax(Tensor z, @Nullable Tensor shift, float temperature, Tensor p) {
    int n = z.rows();
    int k = z.columns();
    checkTemperature("softmax", temperature);
    long zs = SHAPES.own("softmax", "z", z).address();
    long ps = SHAPES.matrix("softmax", "p", p, n, k).address();
    long shifts = shift == null ? 0 : SHAPES.vector("softmax", "shift", shift, k).address();
    float scale = 1 / temperature;
    threads.split(
        n,
        k,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long out = Memory.at(ps, (long) row * k);
            long in = Memory.at(zs, (long) row * k);
            if (shifts != 0) {
              ObjectiveRows.subtract(in, shifts, out, k);
              in = out;
            }
            float sum = Exponential.row(in, out, k, scale, Rows.max(in, k) * scale);
            Rows.scale(out, out, k, 1 / sum);
          }
        });
  }

  double crossEntropy(Tensor p, Tensor z, float temperature, float weight, Tensor dz) {
    String kernel = "crossEntropy";
    int n = z.rows();
    int k = z.columns();
    checkTemperature(kernel, temperature);
    long ps = SHAPES.matrix(kernel, "p", p, n, k).address();
    long zs = SHAPES.own(kernel, "z", z).address();
    long dzs = SHAPES.matrix(kernel, "dz", dz, n, k).address();
    float scale = 1 / temperature;
    float factor = (float) (weight / ((double) n * temperature));
    double loss =
        threads.sum(
            n,
            k,
            (from, to) -> {
              double sum = 0;
              for (int row = from; row < to; row++) {
                long pAt = Memory.at(ps, (long) row * k);
                long zAt = Memory.at(zs, (long) row * k);
                long dzAt = Memory.at(dzs, (long) row * k);
                float shift = Rows.max(zAt, k) * scale;
                double product = Rows.dot(pAt, zAt, k) * (double) scale;
                double targets = Rows.sum(pAt, k);
                float exponentials = Exponential.row(zAt, dzAt, k, scale, shift);
                ObjectiveRows.gradient(pAt, dzAt, k, 1 / exponentials, factor);
                sum += targets * (Math.log(exponentials) + shift) - product;
              }
              return sum;
            });
    return weight * loss / n;
  }

  double norm(Tensor x) {
    long xs = SHAPES.own("norm", "x", x).address();
    long size = x.size();
    int blocks = Math.toIntExact((size + BLOCK - 1) / BLOCK);
    double squares =
        threads.sum(
            blocks,
            BLOCK,
            (from, to) -> {
              double sum = 0;
              for (int block = from; block < to; block++) {
                long first = (long) block * BLOCK;
                sum += Rows.squares(Memory.at(xs, first), (int) Math.min(BLOCK, size - first));
              }
              return sum;
            });
    return Math.sqrt(squares);
  }

  double entropy(Tensor p) {
    int k = p.columns();
    long ps = SHAPES.own("entropy", "p", p).address();
    return threads.sum(
        p.rows(),
        k,
        (from, to) -> {
          double sum = 0;
          for (int row = from; row < to; row++) {
            sum += ObjectiveRows.entropy(Memory.at(ps, (long) row * k), k);
          }
          return sum;
        });
  }

  private static void checkTemperature(String kernel, float temperature) {
    Shapes.require(temperature > 0, kernel, "temperature=" + temperature, "more than 0");
  }
}
