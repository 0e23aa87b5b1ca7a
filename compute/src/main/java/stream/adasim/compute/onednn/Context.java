package stream.adasim.compute.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one thread needs to compute: a stream, the primitives it has built by shape, scratch memory.
 * Made, used and destroyed by its thread, since OpenMP's thread count is a thread's own.
 */
final class Context {
  private static final int LINE = 64;

  private final long stream;
  private final Map<Signature, Object> built = new HashMap<>();
  private final Signature signature = new Signature();
  private final Matmul matmul = new Matmul();
  private @Nullable MemorySegment scratch;
  private @Nullable MemorySegment workspace;
  private float[] floats = {};
  private final @Nullable MemorySegment[] halves = new @Nullable MemorySegment[2];

  /**
   * @param threads OpenMP threads of the calling thread's primitives
   */
  Context(int threads) {
    Dnnl.useThreads(threads);
    this.stream = Dnnl.stream();
  }

  long stream() {
    return stream;
  }

  /** The product that is filled in for each call. */
  Matmul matmul() {
    return matmul;
  }

  /** An empty signature, for one look-up. */
  Signature signature() {
    return signature.clear();
  }

  /** What was kept for the signature, or null. */
  @Nullable Object find(Signature wanted) {
    return built.get(wanted);
  }

  /** Keeps what was built for a signature. */
  <T> T keep(Signature wanted, Supplier<T> builder) {
    Signature copy = wanted.copy();
    T made = builder.get();
    built.put(copy, made);
    return made;
  }

  /** Scratch memory for one primitive. */
  long scratch(long bytes) {
    MemorySegment kept = scratch;
    if (kept == null || kept.byteSize() < bytes) {
      kept = Arena.ofAuto().allocate(bytes, LINE);
      scratch = kept;
    }
    return kept.address();
  }

  /** Memory for one kernel's intermediate values, in floats; not that of {@link #scratch}. */
  long workspace(long floats) {
    MemorySegment kept = workspace;
    long bytes = Math.multiplyExact(floats, Float.BYTES);
    if (kept == null || kept.byteSize() < bytes) {
      kept = Arena.ofAuto().allocate(bytes, LINE);
      workspace = kept;
    }
    return kept.address();
  }

  /** Memory on the heap for some of a kernel's numbers, so many or more. */
  float[] floats(int count) {
    if (floats.length < count) {
      floats = new float[count];
    }
    return floats;
  }

  /** Memory for a product's rounded operand, 0 or 1, in elements of two bytes. */
  long halves(int operand, long count) {
    MemorySegment kept = halves[operand];
    long bytes = Math.multiplyExact(count, Short.BYTES);
    if (kept == null || kept.byteSize() < bytes) {
      kept = Arena.ofAuto().allocate(bytes, LINE);
      halves[operand] = kept;
    }
    return kept.address();
  }

  /** Gives the native objects back. */
  void destroy() {
    for (Object each : built.values()) {
      switch (each) {
        case Primitive primitive -> primitive.destroy();
        case ConvolutionPlan plan -> plan.destroy();
        default -> throw new IllegalStateException("unknown " + each.getClass());
      }
    }
    built.clear();
    Dnnl.destroyStream(stream);
  }
}
