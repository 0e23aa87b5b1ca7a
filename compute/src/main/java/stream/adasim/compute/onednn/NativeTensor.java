package stream.adasim.compute.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import stream.adasim.compute.ElementType;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * Numbers outside the heap, each allocation at the start of a cache line. The memory is released
 * when neither the tensor nor a view of it is reachable.
 */
final class NativeTensor extends Tensor {
  static final Shapes<NativeTensor> SHAPES = new Shapes<>(NativeTensor.class, "onednn");

  private static final int LINE = 64;

  private final MemorySegment memory;

  private NativeTensor(MemorySegment memory, ElementType type, int... shape) {
    super(type, shape);
    this.memory = memory;
  }

  /** A tensor of zeros, floats. */
  static NativeTensor zeros(int... shape) {
    return zeros(ElementType.FLOAT32, shape);
  }

  /** A tensor of zeros. */
  static NativeTensor zeros(ElementType type, int... shape) {
    long size = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    long bytes = Math.multiplyExact(size, type.bytes());
    try {
      return new NativeTensor(Arena.ofAuto().allocate(bytes, LINE), type, shape);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "no memory for a tensor of "
              + Arrays.toString(shape)
              + " of "
              + type
              + ", "
              + bytes
              + " bytes: take a smaller batch or network, or raise -XX:MaxDirectMemorySize"
              + " (JAVA_OPTS)",
          e);
    }
  }

  /** Where the first element lies; valid while this tensor is reachable. */
  long address() {
    return memory.address();
  }

  /** Whether its elements are of two bytes. */
  boolean halves() {
    return type() == ElementType.BFLOAT16;
  }

  /** Where an element lies. */
  long at(long index) {
    return memory.address() + index * type().bytes();
  }

  MemorySegment memory() {
    return memory;
  }

  @Override
  public Tensor view(long offset, int... shape) {
    long size = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    Objects.checkFromIndexSize(offset, size, size());
    int bytes = type().bytes();
    return new NativeTensor(memory.asSlice(offset * bytes, size * bytes), type(), shape);
  }

  @Override
  public void write(long offset, float[] source, int sourceOffset, int length) {
    Objects.checkFromIndexSize(offset, length, size());
    if (halves()) {
      for (int i = 0; i < length; i++) {
        Halves.set(Halves.at(address(), offset), i, source[sourceOffset + i]);
      }
      return;
    }
    MemorySegment.copy(
        source, sourceOffset, memory, ValueLayout.JAVA_FLOAT, offset * Float.BYTES, length);
  }

  @Override
  public void read(long offset, float[] target, int targetOffset, int length) {
    Objects.checkFromIndexSize(offset, length, size());
    if (halves()) {
      for (int i = 0; i < length; i++) {
        target[targetOffset + i] = Halves.get(Halves.at(address(), offset), i);
      }
      return;
    }
    MemorySegment.copy(
        memory, ValueLayout.JAVA_FLOAT, offset * Float.BYTES, target, targetOffset, length);
  }
}
