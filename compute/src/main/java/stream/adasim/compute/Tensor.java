package stream.adasim.compute;

import java.util.Arrays;

/**
 * A dense row-major array of numbers in memory that a backend allocated. Only the backend that made
 * a tensor looks inside it. Not thread-safe.
 */
public abstract class Tensor {
  private final int[] shape;
  private final long size;
  private final ElementType type;

  protected Tensor(ElementType type, int... shape) {
    this.type = type;
    this.shape = shape.clone();
    long product = 1;
    for (int extent : shape) {
      if (extent < 1) {
        throw new IllegalArgumentException(
            "shape=" + Arrays.toString(shape) + " must have extents of 1 or more");
      }
      product = Math.multiplyExact(product, extent);
    }
    this.size = product;
  }

  public final ElementType type() {
    return type;
  }

  /** Number of axes. */
  public final int rank() {
    return shape.length;
  }

  /** Extent of one axis; negative axes count from the last. */
  public final int extent(int axis) {
    return shape[axis < 0 ? shape.length + axis : axis];
  }

  /** Extents of all axes, a copy. */
  public final int[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public final long size() {
    return size;
  }

  /** Number of rows when all axes but the last are folded into one. */
  public final int rows() {
    return Math.toIntExact(size / extent(-1));
  }

  /** Extent of the last axis. */
  public final int columns() {
    return extent(-1);
  }

  /**
   * A tensor over a contiguous part of this one's memory. Writes through either show in both.
   *
   * @param offset first element, counted in this tensor's flat order
   * @throws IndexOutOfBoundsException if the part does not lie within this tensor
   */
  public abstract Tensor view(long offset, int... shape);

  /** Writes {@code length} elements from {@code source} into the flat order at {@code offset}. */
  public abstract void write(long offset, float[] source, int sourceOffset, int length);

  /** Reads {@code length} elements of the flat order from {@code offset} into {@code target}. */
  public abstract void read(long offset, float[] target, int targetOffset, int length);

  /** Replaces all elements. */
  public final void write(float[] source) {
    write(0, source, 0, Math.toIntExact(size));
  }

  /** A copy of all elements in flat order. */
  public final float[] toArray() {
    float[] target = new float[Math.toIntExact(size)];
    read(0, target, 0, target.length);
    return target;
  }

  @Override
  public final String toString() {
    return type + Arrays.toString(shape);
  }
}
