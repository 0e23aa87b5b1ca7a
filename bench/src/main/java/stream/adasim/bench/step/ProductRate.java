package stream.adasim.bench.step;

import java.util.Arrays;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * What the machine gives at best: products of the step's shapes alone, on all workers at once, on
 * memory that stays in the cache, of what products read as they read it best.
 */
final class ProductRate {
  private static final int ROUNDS = 15;
  private static final int ROWS = 1024;

  private ProductRate() {}

  /** GFLOP/s of the fastest of the shapes, the median of some rounds. */
  static double measure(Kernels kernels, StepShape shape) {
    int[][] shapes = {
      {shape.dim, 3 * shape.dim}, {shape.dim, 4 * shape.dim}, {4 * shape.dim, shape.dim}
    };
    double best = 0;
    for (int[] each : shapes) {
      best = Math.max(best, rate(kernels, each[0], each[1]));
    }
    return best;
  }

  private static double rate(Kernels kernels, int in, int out) {
    int workers = kernels.workers();
    Tensor[][] operands = new Tensor[workers][];
    for (int i = 0; i < workers; i++) {
      operands[i] =
          new Tensor[] {
            kernels.allocateActivation(ROWS, in),
            kernels.allocate(out, in),
            kernels.allocateActivation(ROWS, out)
          };
      kernels.hold(operands[i][1]);
    }
    int repeats = (int) Math.max(1, 100_000_000L / ((long) ROWS * in * out)) * 4;
    double[] rates = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long begin = System.nanoTime();
      kernels.run(
          workers,
          worker -> {
            Tensor[] of = operands[worker];
            for (int i = 0; i < repeats; i++) {
              kernels.linear(of[0], of[1], null, null, of[2]);
            }
          });
      double seconds = (System.nanoTime() - begin) / 1e9;
      rates[round] = 2.0 * ROWS * in * out * repeats * workers / seconds / 1e9;
    }
    for (Tensor[] of : operands) {
      kernels.release(of[1]);
    }
    Arrays.sort(rates);
    return rates[ROUNDS / 2];
  }
}
