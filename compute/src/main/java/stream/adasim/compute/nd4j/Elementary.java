package stream.adasim.compute.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.Tensor;

/** Fills, copies, sums and choices of rows. */
final class Elementary {
  private final Scratch scratch;

  Elementary(Scratch scratch) {
    this.scratch = scratch;
  }

  void fill(Tensor x, float value) {
    Ops.fill(Shapes.own("fill", "x", x).flat(), value);
  }

  void copy(Tensor x, Tensor y) {
    Nd4jTensor target = Shapes.vector("copy", "y", y, x.size());
    target.flat().assign(Shapes.own("copy", "x", x).flat());
  }

  void axpy(float alpha, Tensor x, Tensor y) {
    Nd4jTensor target = Shapes.vector("axpy", "y", y, x.size());
    Ops.axpy(alpha, Shapes.own("axpy", "x", x).flat(), target.flat());
  }

  void scale(float alpha, Tensor x) {
    Ops.scale(alpha, Shapes.own("scale", "x", x).flat());
  }

  void gatherRows(Tensor x, int first, int stride, Tensor y) {
    INDArray chosen = chosen("gatherRows", "x", x, first, stride, y.rows(), y.columns());
    Shapes.own("gatherRows", "y", y).matrix().assign(chosen);
  }

  void scatterAddRows(Tensor x, int first, int stride, Tensor y) {
    INDArray chosen = chosen("scatterAddRows", "y", y, first, stride, x.rows(), x.columns());
    chosen.addi(Shapes.own("scatterAddRows", "x", x).matrix());
  }

  private static INDArray chosen(
      String kernel, String name, Tensor from, int first, int stride, int n, int d) {
    Shapes.require(
        first >= 0 && stride >= 1, kernel, "first=" + first + ", stride=" + stride, "0, 1 or more");
    if (from.columns() != d || first + (n - 1L) * stride >= from.rows()) {
      throw Shapes.wrong(
          kernel, name, from, "more than " + (first + (n - 1L) * stride) + " rows of " + d);
    }
    return Shapes.own(kernel, name, from)
        .strided((long) first * d, new long[] {n, d}, new long[] {(long) stride * d, 1});
  }

  void columnMean(Tensor x, Tensor out) {
    int r = x.rows();
    int c = x.columns();
    INDArray sums = Shapes.vector("columnMean", "out", out, c).array(1, c);
    INDArray xs = Shapes.own("columnMean", "x", x).matrix();
    Ops.product(scratch.onesRow(r), false, xs, false, 1.0 / r, 0, sums); // (1, C)
  }
}
