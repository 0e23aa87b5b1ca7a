package stream.adasim.compute;

import java.util.Arrays;

/**
 * Checks of what a kernel was given; each failure names kernel, tensor, found and expected.
 *
 * @param <T> the tensors of one backend
 */
public final class Shapes<T extends Tensor> {
  private final Class<T> type;
  private final String backend;

  /**
   * @param type of the tensors that the backend allocates
   * @param backend its name, for messages
   */
  public Shapes(Class<T> type, String backend) {
    this.type = type;
    this.backend = backend;
  }

  /** The tensor, of this backend and with so many rows and columns. */
  public T matrix(String kernel, String name, Tensor tensor, long rows, long columns) {
    return floats(kernel, name, anyMatrix(kernel, name, tensor, rows, columns));
  }

  /** Like {@link #matrix}, whatever the type of its elements. */
  public T anyMatrix(String kernel, String name, Tensor tensor, long rows, long columns) {
    if (tensor.columns() != columns || tensor.size() != rows * columns) {
      throw wrong(kernel, name, tensor, "(" + rows + ", " + columns + ")");
    }
    return any(kernel, name, tensor);
  }

  /** The tensor, of this backend and with so many elements. */
  public T vector(String kernel, String name, Tensor tensor, long size) {
    return floats(kernel, name, anyVector(kernel, name, tensor, size));
  }

  /** Like {@link #vector}, whatever the type of its elements. */
  public T anyVector(String kernel, String name, Tensor tensor, long size) {
    if (tensor.size() != size) {
      throw wrong(kernel, name, tensor, size + " elements");
    }
    return any(kernel, name, tensor);
  }

  /** The tensor, of this backend and with just these axes. */
  public T exact(String kernel, String name, Tensor tensor, int... shape) {
    return floats(kernel, name, anyExact(kernel, name, tensor, shape));
  }

  /** Like {@link #exact}, whatever the type of its elements. */
  public T anyExact(String kernel, String name, Tensor tensor, int... shape) {
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw wrong(kernel, name, tensor, Arrays.toString(shape));
    }
    return any(kernel, name, tensor);
  }

  /** The tensor, of this backend and with the axes of images: (B, H, W, C). */
  public T images(String kernel, String name, Tensor tensor) {
    return floats(kernel, name, anyImages(kernel, name, tensor));
  }

  /** Like {@link #images}, whatever the type of its elements. */
  public T anyImages(String kernel, String name, Tensor tensor) {
    if (tensor.rank() != 4) {
      throw wrong(kernel, name, tensor, "(B, H, W, C)");
    }
    return any(kernel, name, tensor);
  }

  /** The tensor, of this backend and with the axes and the type of another. */
  public T like(String kernel, String name, Tensor tensor, String as, Tensor other) {
    T own = anyExact(kernel, name, tensor, other.shape());
    alike(kernel, name, tensor, as, other);
    return own;
  }

  /** The tensor, of this backend and of floats. */
  public T own(String kernel, String name, Tensor tensor) {
    return floats(kernel, name, any(kernel, name, tensor));
  }

  private T floats(String kernel, String name, T tensor) {
    if (tensor.type() != ElementType.FLOAT32) {
      throw new IllegalArgumentException(
          kernel + ": " + name + " is " + tensor + ", expected one of " + ElementType.FLOAT32);
    }
    return tensor;
  }

  /** The tensor, of this backend, whatever the type of its elements. */
  public T any(String kernel, String name, Tensor tensor) {
    if (type.isInstance(tensor)) {
      return type.cast(tensor);
    }
    throw new IllegalArgumentException(
        kernel + ": " + name + " was allocated by another backend, expected one of " + backend);
  }

  /** Refuses a tensor whose elements are not of another's type. */
  public static void alike(String kernel, String name, Tensor tensor, String as, Tensor other) {
    require(
        tensor.type() == other.type(),
        kernel,
        name + " of " + tensor.type(),
        "one of " + other.type() + " like " + as);
  }

  /** What to throw for a tensor of the wrong shape. */
  public static IllegalArgumentException wrong(
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

  /**
   * Refuses what does not hold.
   *
   * @throws IllegalArgumentException unless it holds
   */
  public static void require(boolean holds, String kernel, String found, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(kernel + ": " + found + ", expected " + expected);
    }
  }
}
