package stream.adasim.compute.nd4j;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Room for a block of a tensor in double precision. */
final class DoubleBlock {
  /** Elements in a block. */
  static final int SIZE = 1 << 16;

  private final INDArray root = Nd4j.create(DataType.DOUBLE, SIZE);
  private final Map<Long, INDArray> parts = new ConcurrentHashMap<>();

  /** The block of x that begins at start, widened; shorter at the end of x. */
  INDArray widened(Nd4jTensor x, long start) {
    long length = Math.min(SIZE, x.size() - start);
    INDArray part =
        parts.computeIfAbsent(
            length, l -> Nd4j.create(root.data(), new long[] {l}, new long[] {1}, 0, 'c'));
    part.assign(x.arrayAt(start, length));
    return part;
  }

  void release() {
    parts.clear();
    root.close();
  }
}
