package stream.adasim.compute.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Weights that don't change for a while, once for all products that read them in bfloat16 and in
 * the layout that the library multiplies best. What was packed is kept when they are released, and
 * packed anew, by all threads, when they are held again and have changed.
 */
final class HeldWeights implements AutoCloseable {
  private static final int LINE = 64;
  private static final int SIGNATURE = 41;

  /** With fewer rows, packing a layout takes longer than it spares a product or two. */
  private static final int ROWS_THAT_REPAY = 128;

  private static final int FROM = 0;
  private static final int TO = 1;

  private final Threads threads;
  private final Map<NativeTensor, Weights> known = new WeakHashMap<>();
  private final Map<Use, Long> layouts = new ConcurrentHashMap<>();
  private volatile Held[] held = {};

  HeldWeights(Threads threads) {
    this.threads = threads;
  }

  /** A matrix (k, n) that rows are multiplied with, and whether there are few of them. */
  private record Use(int k, int n, boolean transposed, boolean few) {
    long layout(int m) {
      return few
          ? Dnnl.description(new long[] {k, n}, strides(), Dnnl.BFLOAT16)
          : Matmul.bestLayout(m, k, n);
    }

    long[] strides() {
      return transposed ? new long[] {1, k} : new long[] {n, 1};
    }
  }

  /** The tensor is kept alive, so that no other can lie where it does. */
  private record Held(NativeTensor tensor, Weights weights) {}

  /** What products take of one tensor's memory. */
  private static final class Weights {
    private final long begin;
    private final long end;
    private volatile long time; // how often it was held
    private volatile Packed[] parts = {};

    Weights(NativeTensor tensor) {
      begin = tensor.address();
      end = tensor.at(tensor.size());
    }

    private @Nullable Packed find(long address, int k, int n, boolean transposed) {
      for (Packed each : parts) {
        Use use = each.use;
        if (each.from == address && use.k == k && use.n == n && use.transposed == transposed) {
          return each;
        }
      }
      return null;
    }

    private synchronized Packed add(long address, Use use, long layout) {
      Packed found = find(address, use.k, use.n, use.transposed);
      if (found != null && found.serves(use.few)) {
        return found; // by another thread
      }
      Packed added = new Packed(address, use, layout);
      parts =
          Stream.concat(Arrays.stream(parts).filter(each -> each != found), Stream.of(added))
              .toArray(Packed[]::new);
      return added;
    }
  }

  /** A matrix, packed for a use. */
  static final class Packed {
    private final long from;
    private final Use use;
    private final long layout;
    private final MemorySegment memory;
    private volatile long time;

    private Packed(long from, Use use, long layout) {
      this.from = from;
      this.use = use;
      this.layout = layout;
      this.memory = Arena.ofAuto().allocate(Dnnl.bytes(layout), LINE);
    }

    /** What was packed for many rows is good for few, too. */
    private boolean serves(boolean few) {
      return few || !use.few;
    }

    long address() {
      return memory.address();
    }

    long layout() {
      return layout;
    }

    private Packed asOf(long now, Context context) {
      if (time != now) {
        pack(now, context);
      }
      return this;
    }

    private synchronized void pack(long now, Context context) {
      if (time == now) {
        return; // by another thread
      }
      Signature signature =
          context
              .signature()
              .add(SIGNATURE)
              .add(use.k)
              .add(use.n)
              .add((use.transposed ? 1 : 0) + (use.few ? 2 : 0));
      Primitive primitive = (Primitive) context.find(signature);
      if (primitive == null) {
        primitive = context.keep(signature, this::build);
      }
      primitive.at(FROM, from).at(TO, memory.address()).run(context);
      time = now;
    }

    private Primitive build() {
      String what = "packing of weights (" + use.k + ", " + use.n + ")";
      long floats = Dnnl.description(new long[] {use.k, use.n}, use.strides());
      Primitive primitive = Primitive.reorder(what, floats, layout);
      Dnnl.destroyDescription(floats);
      return primitive;
    }
  }

  /**
   * @param changed whether they may have been written since they were last held
   */
  synchronized void hold(NativeTensor tensor, boolean changed) {
    Weights weights = known.computeIfAbsent(tensor, Weights::new);
    if (changed || weights.time == 0) {
      weights.time++;
      Packed[] parts = weights.parts;
      threads.run(parts.length, i -> parts[i].asOf(weights.time, threads.context()));
    }
    if (Arrays.stream(held).noneMatch(each -> each.tensor == tensor)) {
      Held[] more = Arrays.copyOf(held, held.length + 1);
      more[held.length] = new Held(tensor, weights);
      held = more;
    }
  }

  synchronized void release(NativeTensor tensor) {
    held = Arrays.stream(held).filter(each -> each.tensor != tensor).toArray(Held[]::new);
  }

  /**
   * The matrix (k, n) that lies at an address, packed; null if nobody holds it.
   *
   * @param transposed whether it is (n, k) that lies there
   * @param m rows that it is multiplied with
   */
  @Nullable Packed find(Context context, long address, int m, int k, int n, boolean transposed) {
    for (Held each : held) {
      Weights weights = each.weights;
      if (address >= weights.begin && address < weights.end) {
        boolean few = m < ROWS_THAT_REPAY;
        Packed found = weights.find(address, k, n, transposed);
        if (found == null || !found.serves(few)) {
          Use use = new Use(k, n, transposed, few);
          long layout = layouts.computeIfAbsent(use, of -> of.layout(m));
          found = weights.add(address, use, layout);
        }
        return found.asOf(weights.time, context);
      }
    }
    return null;
  }

  /** Gives the native objects back. */
  @Override
  public void close() {
    layouts.values().forEach(Dnnl::destroyDescription);
    layouts.clear();
  }
}
