package stream.adasim.compute.nd4j;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.BroadcastOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.ScalarOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastAddOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastMulOp;
import org.nd4j.linalg.api.ops.impl.broadcast.BroadcastSubOp;
import org.nd4j.linalg.api.ops.impl.reduce.same.Max;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarAdd;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarSet;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J operations with explicit outputs. The small arrays that ND4J makes for scalars and
 * dimensions are closed at once: left to the collector they pile up, as each one's Java part is
 * tiny.
 */
final class Ops {
  private static final List<Double> NO_FLOATS = List.of();
  private static final int[] NO_INTEGERS = {};

  private Ops() {}

  /** {@code c = alpha op(a) op(b) + beta c} over the last two axes, the leading ones in step. */
  static void product(
      INDArray a,
      boolean transposeA,
      INDArray b,
      boolean transposeB,
      double alpha,
      double beta,
      INDArray c) {
    custom(
        "matmul",
        List.of(alpha, beta),
        new int[] {transposeA ? 1 : 0, transposeB ? 1 : 0},
        new INDArray[] {a, b},
        c);
  }

  /** Softmax over the last axis; in place it would take twice as long. */
  static void softmax(INDArray x, INDArray y) {
    custom("softmax", NO_FLOATS, new int[] {x.rank() - 1}, new INDArray[] {x}, y);
  }

  /** Arguments as {@code conv2d} takes them; x (B, H, W, C), w (O, C, k, k), y (B, H', W', O). */
  static void convolution(INDArray x, INDArray w, int[] arguments, INDArray y) {
    custom("conv2d", NO_FLOATS, arguments, new INDArray[] {x, w}, y);
  }

  /** Both gradients of {@link #convolution}, written. */
  static void convolutionBackward(
      INDArray x, INDArray w, INDArray dy, int[] arguments, INDArray dx, INDArray dw) {
    custom("conv2d_bp", NO_FLOATS, arguments, new INDArray[] {x, w, dy}, dx, dw);
  }

  /** Adds up what overlaps: taps (B, C, k, k, H', W') into images (B, C, H, W), written. */
  static void fold(INDArray taps, int stride, int padding, INDArray images) {
    int h = Math.toIntExact(images.size(2));
    int w = Math.toIntExact(images.size(3));
    int[] arguments = {stride, stride, padding, padding, h, w, 1, 1, 0};
    custom("col2im", NO_FLOATS, arguments, new INDArray[] {taps}, images);
  }

  /** Arguments as {@code maxpool2d} takes them; x (B, H, W, C), y (B, H', W', C). */
  static void maxPool(INDArray x, int[] arguments, INDArray y) {
    custom("maxpool2d", NO_FLOATS, arguments, new INDArray[] {x}, y);
  }

  /** Gradient of {@link #maxPool}, written. */
  static void maxPoolBackward(INDArray x, INDArray dy, int[] arguments, INDArray dx) {
    custom("maxpool2d_bp", NO_FLOATS, arguments, new INDArray[] {x, dy}, dx);
  }

  static void custom(
      String name, List<Double> floats, int[] integers, INDArray[] inputs, INDArray... outputs) {
    Nd4j.exec(new DynamicCustomOp(name, inputs, outputs, floats, integers));
  }

  static void fill(INDArray x, double value) {
    scalar(new ScalarSet(x, null, x, value));
  }

  /** {@code z = x + value}. */
  static void add(INDArray x, double value, INDArray z) {
    scalar(new ScalarAdd(x, null, z, value));
  }

  /** {@code z = x * value}. */
  static void multiply(INDArray x, double value, INDArray z) {
    scalar(new ScalarMultiplication(x, null, z, value));
  }

  /** {@code z = max(x, value)}. */
  static void max(INDArray x, double value, INDArray z) {
    scalar(new ScalarMax(x, null, z, value));
  }

  /** {@code z = max(x, 0)}; unlike {@link #max}, it keeps what is not a number. */
  static void relu(INDArray x, INDArray z) {
    scalar(new RectifiedLinear(x, z, 0));
  }

  /** {@code z = x > 0 ? 1 : 0}. */
  static void step(INDArray x, INDArray z) {
    scalar(new Step(x, z, 0));
  }

  private static void scalar(ScalarOp op) {
    Nd4j.getExecutioner().exec(op);
    op.scalar().close();
  }

  /** {@code z = x * y}, elementwise. */
  static void multiply(INDArray x, INDArray y, INDArray z) {
    x.muli(y, z);
  }

  /** {@code z = x / y}, elementwise. */
  static void divide(INDArray x, INDArray y, INDArray z) {
    x.divi(y, z);
  }

  /** {@code y += alpha x}, both dense. */
  static void axpy(double alpha, INDArray x, INDArray y) {
    Nd4j.getBlasWrapper().level1().axpy(x.length(), alpha, x, y);
  }

  /** {@code x *= alpha}, dense. */
  static void scale(double alpha, INDArray x) {
    Nd4j.getBlasWrapper().level1().scal(x.length(), alpha, x);
  }

  /** Inner product, dense. */
  static double dot(INDArray x, INDArray y) {
    return Nd4j.getBlasWrapper().level1().dot(x.length(), 1, x, y);
  }

  static void addRow(INDArray x, INDArray row, INDArray z) {
    broadcast(new BroadcastAddOp(x, row, z, 1));
  }

  static void subtractRow(INDArray x, INDArray row, INDArray z) {
    broadcast(new BroadcastSubOp(x, row, z, 1));
  }

  static void multiplyRow(INDArray x, INDArray row, INDArray z) {
    broadcast(new BroadcastMulOp(x, row, z, 1));
  }

  // Columns are (N, 1): the broadcasting operations take 0.2 ms at [8320, 96] where those along a
  // dimension take 2. They are 3 times slower in place.

  static void subtractColumn(INDArray x, INDArray column, INDArray z) {
    custom("subtract", NO_FLOATS, NO_INTEGERS, new INDArray[] {x, column}, z);
  }

  static void multiplyColumn(INDArray x, INDArray column, INDArray z) {
    custom("multiply", NO_FLOATS, NO_INTEGERS, new INDArray[] {x, column}, z);
  }

  static void divideColumn(INDArray x, INDArray column, INDArray z) {
    custom("divide", NO_FLOATS, NO_INTEGERS, new INDArray[] {x, column}, z);
  }

  /** {@code column[r] = max over c of x[r, c]}. */
  static void rowMax(INDArray x, INDArray column) {
    Max op = new Max(x, column, false, 1);
    Nd4j.getExecutioner().exec(op);
    op.dimensions().close();
  }

  private static void broadcast(BroadcastOp op) {
    Nd4j.getExecutioner().exec(op);
    op.dimensions().close();
  }
}
