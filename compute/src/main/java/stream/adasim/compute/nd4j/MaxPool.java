package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.PoolShape;
import stream.adasim.compute.Tensor;

/** Largest values of windows of images (B, H, W, C). */
final class MaxPool {
  void maxPool(Tensor x, int size, int stride, int padding, Tensor y) {
    String kernel = "maxPool";
    PoolShape shape = PoolShape.of(kernel, "x", x, size, stride, padding);
    Nd4jTensor xs = SHAPES.own(kernel, "x", x);
    Nd4jTensor ys = SHAPES.exact(kernel, "y", y, shape.outputs());
    Ops.maxPool(images(xs), arguments(shape), images(ys));
  }

  void backward(Tensor x, Tensor dy, int size, int stride, int padding, Tensor dx) {
    String kernel = "maxPoolBackward";
    PoolShape shape = PoolShape.of(kernel, "x", x, size, stride, padding);
    Nd4jTensor xs = SHAPES.own(kernel, "x", x);
    Nd4jTensor dys = SHAPES.exact(kernel, "dy", dy, shape.outputs());
    Nd4jTensor dxs = SHAPES.exact(kernel, "dx", dx, x.shape());
    Ops.maxPoolBackward(images(xs), images(dys), arguments(shape), images(dxs));
  }

  private static INDArray images(Nd4jTensor x) {
    return x.array(x.extent(0), x.extent(1), x.extent(2), x.extent(3));
  }

  /** Window, strides, margins and dilations, then: margins as given, nothing, channels last. */
  private static int[] arguments(PoolShape s) {
    return new int[] {
      s.size(), s.size(), s.stride(), s.stride(), s.padding(), s.padding(), 1, 1, 0, 0, 1
    };
  }
}
