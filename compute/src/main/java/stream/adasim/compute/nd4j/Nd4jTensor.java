package stream.adasim.compute.nd4j;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import stream.adasim.compute.ElementType;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/**
 * A window on the buffer of an INDArray. The INDArrays that kernels ask for (other shapes, other
 * strides) are made once per tensor and kept: making one costs more than a small operation, and
 * holds native memory until the collector finds it.
 */
final class Nd4jTensor extends Tensor {
  static final Shapes<Nd4jTensor> SHAPES = new Shapes<>(Nd4jTensor.class, "nd4j");

  private final INDArray root;
  private final long offset;
  private final Map<Layout, INDArray> layouts = new ConcurrentHashMap<>();

  private record Layout(long offset, List<Long> shape, List<Long> strides) {}

  private Nd4jTensor(INDArray root, long offset, int... shape) {
    super(ElementType.FLOAT32, shape);
    this.root = root;
    this.offset = offset;
  }

  /** A tensor of zeros. */
  static Nd4jTensor zeros(int... shape) {
    long size = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    return new Nd4jTensor(Nd4j.create(DataType.FLOAT, size), 0, shape);
  }

  /** Gives the memory back at once; nothing over it may be used again. */
  void release() {
    layouts.clear();
    root.close();
  }

  /** All elements as one axis. */
  INDArray flat() {
    return array(size());
  }

  /** Leading axes folded into one: (rows, columns). */
  INDArray matrix() {
    return array(rows(), columns());
  }

  /** The first elements in another dense shape. */
  INDArray array(long... shape) {
    return arrayAt(0, shape);
  }

  /** A dense part that begins at an element. */
  INDArray arrayAt(long start, long... shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return strided(start, shape, strides);
  }

  /** A part that begins at an element and steps as told. */
  INDArray strided(long start, long[] shape, long[] strides) {
    return layouts.computeIfAbsent(
        new Layout(start, boxed(shape), boxed(strides)),
        layout -> Nd4j.create(root.data(), shape, strides, offset + start, 'c'));
  }

  @Override
  public Tensor view(long start, int... shape) {
    Nd4jTensor part = new Nd4jTensor(root, Math.addExact(offset, start), shape);
    Objects.checkFromIndexSize(start, part.size(), size());
    return part;
  }

  // On a device backend, reading one element first brings the host's copy up to date, and putting
  // one afterwards marks the host's copy as the newer.

  @Override
  public void write(long start, float[] source, int sourceOffset, int length) {
    Objects.checkFromIndexSize(start, length, size());
    Objects.checkFromIndexSize(sourceOffset, length, source.length);
    if (length == 0) {
      return;
    }
    DataBuffer buffer = root.data();
    var _ = buffer.getFloat(offset + start);
    pointer(buffer, start).put(source, sourceOffset, length);
    buffer.put(offset + start, source[sourceOffset]);
  }

  @Override
  public void read(long start, float[] target, int targetOffset, int length) {
    Objects.checkFromIndexSize(start, length, size());
    Objects.checkFromIndexSize(targetOffset, length, target.length);
    if (length == 0) {
      return;
    }
    DataBuffer buffer = root.data();
    var _ = buffer.getFloat(offset + start);
    pointer(buffer, start).get(target, targetOffset, length);
  }

  private FloatPointer pointer(DataBuffer buffer, long start) {
    return new FloatPointer(buffer.pointer()).position(offset + start);
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
