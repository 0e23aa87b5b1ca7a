package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log;
import org.nd4j.linalg.factory.Nd4j;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Softmax, cross-entropy, and the sums that are taken in double precision. */
final class Objective {
  private final Scratch scratch;

  Objective(Scratch scratch) {
    this.scratch = scratch;
  }

  void softmax(Tensor z, @Nullable Tensor shift, float temperature, Tensor p) {
    int n = z.rows();
    int k = z.columns();
    checkTemperature("softmax", temperature);
    INDArray zs = SHAPES.own("softmax", "z", z).matrix();
    INDArray ps = SHAPES.matrix("softmax", "p", p, n, k).matrix();
    try (Scratch.Lease lease = scratch.borrow(z.size())) {
      INDArray t = lease.array(n, k);
      if (shift == null) {
        Ops.multiply(zs, 1.0 / temperature, t);
      } else {
        Ops.subtractRow(zs, SHAPES.vector("softmax", "shift", shift, k).flat(), t);
        Ops.multiply(t, 1.0 / temperature, t);
      }
      Ops.softmax(t, ps);
    }
  }

  double crossEntropy(Tensor p, Tensor z, float temperature, float weight, Tensor dz) {
    String kernel = "crossEntropy";
    int n = z.rows();
    int k = z.columns();
    checkTemperature(kernel, temperature);
    Nd4jTensor ps = SHAPES.matrix(kernel, "p", p, n, k);
    INDArray zs = SHAPES.own(kernel, "z", z).matrix();
    Nd4jTensor dzs = SHAPES.matrix(kernel, "dz", dz, n, k);
    INDArray s = dzs.matrix();
    INDArray ones = scratch.onesColumn(k);
    float[] expSums = new float[n];
    float[] targetSums = new float[n];
    float[] products = new float[n];
    try (Scratch.Lease lease = scratch.borrow(z.size());
        Scratch.Lease sums = scratch.borrow(n)) {
      INDArray t = lease.array(n, k);
      INDArray perRow = sums.array(n, 1);
      Ops.rowMax(zs, sums.array(n));
      Ops.subtractColumn(zs, perRow, s);
      Ops.multiply(s, 1.0 / temperature, s); // 0 at each row's largest
      Ops.multiply(ps.matrix(), s, t);
      Ops.product(t, false, ones, false, 1, 0, perRow);
      sums.tensor().read(0, products, 0, n);
      Ops.product(ps.matrix(), false, ones, false, 1, 0, perRow);
      sums.tensor().read(0, targetSums, 0, n);
      Nd4j.exec(new Exp(s, t));
      Ops.product(t, false, ones, false, 1, 0, perRow);
      sums.tensor().read(0, expSums, 0, n);
      Ops.divideColumn(t, perRow, s); // softmax(z / temperature)
    }
    Ops.axpy(-1, ps.flat(), dzs.flat());
    Ops.scale(weight / ((double) n * temperature), dzs.flat());
    double loss = 0;
    for (int row = 0; row < n; row++) {
      loss += targetSums[row] * Math.log(expSums[row]) - products[row];
    }
    return weight * loss / n;
  }

  double norm(Tensor x) {
    Nd4jTensor xs = SHAPES.own("norm", "x", x);
    DoubleBlock block = scratch.borrowDoubles();
    double sum = 0;
    for (long start = 0; start < x.size(); start += DoubleBlock.SIZE) {
      INDArray part = block.widened(xs, start);
      sum += Ops.dot(part, part);
    }
    scratch.giveBack(block);
    return Math.sqrt(sum);
  }

  double entropy(Tensor p) {
    Nd4jTensor ps = SHAPES.own("entropy", "p", p);
    DoubleBlock block = scratch.borrowDoubles();
    DoubleBlock logs = scratch.borrowDoubles();
    double sum = 0;
    for (long start = 0; start < p.size(); start += DoubleBlock.SIZE) {
      INDArray part = block.widened(ps, start);
      INDArray log = logs.widened(ps, start);
      Ops.max(log, Double.MIN_NORMAL, log); // 0 log 0 = 0
      Nd4j.exec(new Log(log, log));
      sum -= Ops.dot(part, log);
    }
    scratch.giveBack(block);
    scratch.giveBack(logs);
    return sum;
  }

  private static void checkTemperature(String kernel, float temperature) {
    Shapes.require(temperature > 0, kernel, "temperature=" + temperature, "more than 0");
  }
}
