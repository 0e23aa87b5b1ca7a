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
 * Floats outside the heap, each allocation at the start of a cache line. The memory is released
 * when neither the tensor nor a view of it is reachable.
 */
final class NativeTensor extends Tensor {
  static final Shapes<NativeTensor> SHAPES = new Shapes<>(NativeTensor.class, "onednn");

  private static final int LINE = 64;

  private final MemorySegment memory;

  private NativeTensor(MemorySegment memory, int... shape) {
    super(ElementType.FLOAT32, shape);
    this.memory = memory;
  }

  /** A tensor of zeros. */
  static NativeTensor zeros(int... shape) {
    long size = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    long bytes = Math.multiplyExact(size, Float.BYTES);
    try {
      return new NativeTensor(Arena.ofAuto().allocate(bytes, LINE), shape);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "no memory for a tensor of "
              + Arrays.toString(shape)
              + " floats, "
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

  MemorySegment memory() {
    return memory;
  }

  @Override
  public Tensor view(long offset, int... shape) {
    long size = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    Objects.checkFromIndexSize(offset, size, size());
    return new NativeTensor(memory.asSlice(offset * Float.BYTES, size * Float.BYTES), shape);
  }

  @Override
  public void write(long offset, float[] source, int sourceOffset, int length) {
    Objects.checkFromIndexSize(offset, length, size());
    MemorySegment.copy(
        source, sourceOffset, memory, ValueLayout.JAVA_FLOAT, offset * Float.BYTES, length);
  }

  @Override
  public void read(long offset, float[] target, int targetOffset, int length) {
    Objects.checkFromIndexSize(offset, length, size());
    MemorySegment.copy(
        memory, ValueLayout.JAVA_FLOAT, offset * Float.BYTES, target, targetOffset, length);
  }
}
