package stream.adasim.compute.nd4j;

import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Temporaries that are lent and taken back, because a fresh allocation costs up to milliseconds.
 * Sizes are rounded up to powers of two, so that batches of changing size share a few buffers.
 * Thread-safe; a lent buffer belongs to one thread.
 */
final class Scratch implements AutoCloseable {
  private static final long SMALLEST = 1024;

  private final Map<Long, Queue<Nd4jTensor>> idle = new ConcurrentHashMap<>();
  private final Map<Long, Nd4jTensor> ones = new ConcurrentHashMap<>();
  private final Queue<DoubleBlock> doubles = new ConcurrentLinkedQueue<>();

  /** A temporary with undefined content. */
  Lease borrow(long size) {
    long rounded = rounded(size);
    Queue<Nd4jTensor> queue = idle.computeIfAbsent(rounded, r -> new ConcurrentLinkedQueue<>());
    Nd4jTensor tensor = queue.poll();
    return new Lease(tensor != null ? tensor : Nd4jTensor.zeros(Math.toIntExact(rounded)), queue);
  }

  /** A block of double precision with undefined content. */
  DoubleBlock borrowDoubles() {
    DoubleBlock block = doubles.poll();
    return block != null ? block : new DoubleBlock();
  }

  void giveBack(DoubleBlock block) {
    doubles.add(block);
  }

  /** A row of ones: what sums columns as a product. */
  INDArray onesRow(long size) {
    return ones(size).array(1, size);
  }

  /** A column of ones: what sums rows as a product. */
  INDArray onesColumn(long size) {
    return ones(size).array(size, 1);
  }

  /** Ones in any shape. */
  INDArray ones(int... shape) {
    long[] extents = Arrays.stream(shape).asLongStream().toArray();
    return ones(Arrays.stream(extents).reduce(1, Math::multiplyExact)).array(extents);
  }

  private Nd4jTensor ones(long size) {
    return ones.computeIfAbsent(
        rounded(size),
        rounded -> {
          Nd4jTensor tensor = Nd4jTensor.zeros(Math.toIntExact(rounded));
          Ops.fill(tensor.flat(), 1);
          return tensor;
        });
  }

  private static long rounded(long size) {
    return size <= SMALLEST ? SMALLEST : Long.highestOneBit(size - 1) << 1;
  }

  @Override
  public void close() {
    idle.values().forEach(queue -> queue.forEach(Nd4jTensor::release));
    idle.clear();
    ones.values().forEach(Nd4jTensor::release);
    ones.clear();
    doubles.forEach(DoubleBlock::release);
    doubles.clear();
  }

  /** A temporary; closing gives it back. */
  record Lease(Nd4jTensor tensor, Queue<Nd4jTensor> home) implements AutoCloseable {
    INDArray array(long... shape) {
      return tensor.array(shape);
    }

    @Override
    public void close() {
      home.add(tensor);
    }
  }
}
