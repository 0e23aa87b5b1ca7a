package stream.adasim.compute.nd4j;

import java.util.Arrays;
import stream.adasim.compute.Tensor;

/** Checks of what a kernel was given; each failure names kernel, tensor, found and expected. */
final class Shapes {
  private Shapes() {}

  /** The tensor, of this backend and with so many rows and columns. */
  static Nd4jTensor matrix(String kernel, String name, Tensor tensor, long rows, long columns) {
    if (tensor.columns() != columns || tensor.size() != rows * columns) {
      throw wrong(kernel, name, tensor, "(" + rows + ", " + columns + ")");
    }
    return own(kernel, name, tensor);
  }

  /** The tensor, of this backend and with so many elements. */
  static Nd4jTensor vector(String kernel, String name, Tensor tensor, long size) {
    if (tensor.size() != size) {
      throw wrong(kernel, name, tensor, size + " elements");
    }
    return own(kernel, name, tensor);
  }

  /** The tensor, of this backend and with just these axes. */
  static Nd4jTensor exact(String kernel, String name, Tensor tensor, int... shape) {
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw wrong(kernel, name, tensor, Arrays.toString(shape));
    }
    return own(kernel, name, tensor);
  }

  /** The tensor, of this backend and with the axes of images: (B, C, H, W). */
  static Nd4jTensor images(String kernel, String name, Tensor tensor) {
    if (tensor.rank() != 4) {
      throw wrong(kernel, name, tensor, "(B, C, H, W)");
    }
    return own(kernel, name, tensor);
  }

  /** The tensor, of this backend. */
  static Nd4jTensor own(String kernel, String name, Tensor tensor) {
    if (tensor instanceof Nd4jTensor own) {
      return own;
    }
    throw new IllegalArgumentException(
        kernel + ": " + name + " was allocated by another backend, expected one of nd4j");
  }

  static IllegalArgumentException wrong(
      String kernel, String name, Tensor tensor, String expected) {
    return new IllegalArgumentException(
        kernel
            + ": "
            + name
            + " has shape "
            + Arrays.toString(tensor.shape())
            + ", expected "
            + expected);
  }

  static void require(boolean holds, String kernel, String found, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(kernel + ": " + found + ", expected " + expected);
    }
  }
}
