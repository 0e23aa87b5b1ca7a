package stream.adasim.compute.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * The workers of a backend, and the context of every thread that computes. A worker computes alone;
 * every other thread has its elementwise work split over the workers and its products over OpenMP's
 * threads.
 */
final class Threads implements AutoCloseable {
  /** Elements below which splitting costs more than it gains. */
  private static final int GRAIN = 1 << 15;

  private static final int BLOCK = 1 << 12;

  private static final AtomicInteger POOLS = new AtomicInteger();

  private final int count;
  private final ExecutorService pool;
  private final ConcurrentLinkedQueue<Context> contexts = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Context> context = ThreadLocal.withInitial(this::newContext);

  /** A thread that computes alone. */
  private static final class Worker extends Thread {
    private final Threads owner;

    Worker(Threads owner, Runnable work, String name) {
      super(work, name);
      this.owner = owner;
      setDaemon(true);
    }
  }

  /** Part of a range, the end excluded. */
  @FunctionalInterface
  interface Part {
    void run(int from, int to);
  }

  /** Part of a range, the end excluded, and which part it is. */
  @FunctionalInterface
  interface NumberedPart {
    void run(int number, int from, int to);
  }

  /** Elements from an index on. */
  @FunctionalInterface
  interface Block {
    void run(long from, int count);
  }

  /** A sum over part of a range. */
  @FunctionalInterface
  interface PartialSum {
    double of(int from, int to);
  }

  Threads(int count) {
    this.count = count;
    int number = POOLS.incrementAndGet();
    AtomicInteger next = new AtomicInteger();
    this.pool =
        Executors.newFixedThreadPool(
            count,
            work ->
                new Worker(this, work, "adasim-compute-" + number + "-" + next.incrementAndGet()));
  }

  private Context newContext() {
    Context made = new Context(onWorker() ? 1 : count);
    contexts.add(made);
    return made;
  }

  int count() {
    return count;
  }

  /** The calling thread's. */
  Context context() {
    return context.get();
  }

  private boolean onWorker() {
    return Thread.currentThread() instanceof Worker worker && worker.owner == this;
  }

  private boolean alone() {
    return count == 1 || onWorker();
  }

  /**
   * Runs task(0) to task(n - 1) on the workers, and returns when all have ended.
   *
   * @throws RuntimeException the first failure, in the order of the tasks
   */
  void run(int tasks, IntConsumer task) {
    if (onWorker()) {
      for (int i = 0; i < tasks; i++) {
        task.accept(i);
      }
      return;
    }
    List<Future<?>> running = new ArrayList<>(tasks);
    for (int i = 0; i < tasks; i++) {
      int number = i;
      running.add(pool.submit(() -> task.accept(number)));
    }
    RuntimeException failure = null;
    for (Future<?> each : running) {
      try {
        get(each);
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Waits whatever happens: the task works on memory that the caller would otherwise let go of. */
  private static void get(Future<?> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          task.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case RuntimeException own -> throw own;
            case Error error -> throw error;
            case null, default -> throw new IllegalStateException("a worker failed", e);
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Splits rows into one part per thread where that pays; parts must not depend on each other.
   *
   * @param work elements of a row
   */
  void split(int rows, long work, Part part) {
    if (parts(rows, work) == 1) {
      part.run(0, rows);
    } else {
      run(count, i -> part.run(bound(rows, i), bound(rows, i + 1)));
    }
  }

  /**
   * Splits rows like {@link #split}, for parts with memory of their own.
   *
   * @return how many parts there were
   */
  int splitNumbered(int rows, long work, NumberedPart part) {
    int parts = parts(rows, work);
    if (parts == 1) {
      part.run(0, 0, rows);
    } else {
      run(parts, i -> part.run(i, bound(rows, i), bound(rows, i + 1)));
    }
    return parts;
  }

  private int parts(int rows, long work) {
    return alone() || rows < count || rows * work < GRAIN ? 1 : count;
  }

  /** Splits a flat buffer, of any size, into blocks that stay in a core's cache. */
  void blocks(long size, Block block) {
    int blocks = Math.toIntExact((size + BLOCK - 1) / BLOCK);
    split(
        blocks,
        BLOCK,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            long first = (long) i * BLOCK;
            block.run(first, (int) Math.min(BLOCK, size - first));
          }
        });
  }

  /** The sum over all rows, added up in the order of the parts. */
  double sum(int rows, long work, PartialSum part) {
    if (parts(rows, work) == 1) {
      return part.of(0, rows);
    }
    double[] sums = new double[count];
    run(count, i -> sums[i] = part.of(bound(rows, i), bound(rows, i + 1)));
    double sum = 0;
    for (double each : sums) {
      sum += each;
    }
    return sum;
  }

  private int bound(int rows, int part) {
    return (int) ((long) rows * part / count);
  }

  /** Ends the workers and gives all native objects back; no call may be under way. */
  @Override
  public void close() {
    pool.close();
    contexts.forEach(Context::destroy);
    contexts.clear();
  }
}
