package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Fills, copies, sums, choices of rows, and what else treats all elements alike. */
final class Elementary {
  private final Scratch scratch;

  Elementary(Scratch scratch) {
    this.scratch = scratch;
  }

  void fill(Tensor x, float value) {
    Ops.fill(SHAPES.own("fill", "x", x).flat(), value);
  }

  void copy(Tensor x, Tensor y) {
    Nd4jTensor target = SHAPES.vector("copy", "y", y, x.size());
    target.flat().assign(SHAPES.own("copy", "x", x).flat());
  }

  void axpy(float alpha, Tensor x, Tensor y) {
    Nd4jTensor target = SHAPES.vector("axpy", "y", y, x.size());
    Ops.axpy(alpha, SHAPES.own("axpy", "x", x).flat(), target.flat());
  }

  void scale(float alpha, Tensor x) {
    Ops.scale(alpha, SHAPES.own("scale", "x", x).flat());
  }

  void gatherRows(Tensor x, int first, int stride, Tensor y) {
    INDArray chosen = chosen("gatherRows", "x", x, first, stride, y.rows(), y.columns());
    SHAPES.own("gatherRows", "y", y).matrix().assign(chosen);
  }

  void scatterAddRows(Tensor x, int first, int stride, Tensor y) {
    INDArray chosen = chosen("scatterAddRows", "y", y, first, stride, x.rows(), x.columns());
    chosen.addi(SHAPES.own("scatterAddRows", "x", x).matrix());
  }

  private static INDArray chosen(
      String kernel, String name, Tensor from, int first, int stride, int n, int d) {
    Shapes.require(
        first >= 0 && stride >= 1, kernel, "first=" + first + ", stride=" + stride, "0, 1 or more");
    if (from.columns() != d || first + (n - 1L) * stride >= from.rows()) {
      throw Shapes.wrong(
          kernel, name, from, "more than " + (first + (n - 1L) * stride) + " rows of " + d);
    }
    return SHAPES
        .own(kernel, name, from)
        .strided((long) first * d, new long[] {n, d}, new long[] {(long) stride * d, 1});
  }

  void scaleRows(Tensor x, Tensor factors, Tensor y) {
    String kernel = "scaleRows";
    INDArray xs = SHAPES.own(kernel, "x", x).matrix();
    INDArray column = SHAPES.vector(kernel, "factors", factors, x.rows()).array(x.rows(), 1);
    Nd4jTensor ys = SHAPES.matrix(kernel, "y", y, x.rows(), x.columns());
    Ops.multiplyColumn(xs, column, ys.matrix());
  }

  void columnMean(Tensor x, Tensor out) {
    int r = x.rows();
    int c = x.columns();
    INDArray sums = SHAPES.vector("columnMean", "out", out, c).array(1, c);
    INDArray xs = SHAPES.own("columnMean", "x", x).matrix();
    Ops.product(scratch.onesRow(r), false, xs, false, 1.0 / r, 0, sums); // (1, C)
  }

  void channelsLast(Tensor x, Tensor y) {
    String kernel = "channelsLast";
    if (x.rank() != 4) {
      throw Shapes.wrong(kernel, "x", x, "(B, C, H, W)");
    }
    int b = x.extent(0);
    int c = x.extent(1);
    int h = x.extent(2);
    int w = x.extent(3);
    long pixels = (long) h * w;
    INDArray xs =
        SHAPES
            .own(kernel, "x", x)
            .strided(0, new long[] {b, pixels, c}, new long[] {c * pixels, 1, pixels});
    SHAPES.exact(kernel, "y", y, b, h, w, c).array(b, pixels, c).assign(xs);
  }

  void globalAveragePool(Tensor x, Tensor y) {
    String kernel = "globalAveragePool";
    Nd4jTensor xs = SHAPES.images(kernel, "x", x);
    int b = x.extent(0);
    int c = x.extent(3);
    int pixels = x.extent(1) * x.extent(2);
    Nd4jTensor ys = SHAPES.exact(kernel, "y", y, b, c);
    INDArray ones = scratch.ones(b, 1, pixels);
    INDArray rows = xs.array(b, pixels, c);
    Ops.product(ones, false, rows, false, 1.0 / pixels, 0, ys.array(b, 1, c));
  }

  void globalAveragePoolBackward(Tensor dy, Tensor dx) {
    String kernel = "globalAveragePoolBackward";
    Nd4jTensor dxs = SHAPES.images(kernel, "dx", dx);
    int b = dx.extent(0);
    int c = dx.extent(3);
    int pixels = dx.extent(1) * dx.extent(2);
    Nd4jTensor dys = SHAPES.exact(kernel, "dy", dy, b, c);
    INDArray ones = scratch.ones(b, pixels, 1);
    INDArray rows = dxs.array(b, pixels, c);
    Ops.product(ones, false, dys.array(b, 1, c), false, 1.0 / pixels, 0, rows);
  }
}
