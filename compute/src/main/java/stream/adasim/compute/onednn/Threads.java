package stream.adasim.compute.onednn;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a backend, and the contexts of every thread that computes. A worker computes
 * alone, and so does a thread while it runs tasks; otherwise it has its elementwise work split into
 * tasks, of which it runs some itself, and its products over OpenMP's threads.
 */
final class Threads implements AutoCloseable {
  /** Elements below which splitting costs more than it gains. */
  private static final int GRAIN = 1 << 15;

  private static final int BLOCK = 1 << 12;

  /** How long a thread that waits for others yields its processor before it sleeps. */
  private static final long PATIENCE_NANOS = 200_000;

  private static final AtomicInteger POOLS = new AtomicInteger();

  private final int count;
  private final ExecutorService pool;
  private final ConcurrentLinkedQueue<Context> contexts = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Seat> seats = ThreadLocal.withInitial(Seat::new);

  /** A thread's contexts, made when they are needed. */
  private final class Seat {
    private @Nullable Context alone;
    private @Nullable Context together;
    private boolean isAlone = count == 1;

    Context context() {
      if (isAlone) {
        alone = alone == null ? newContext(1) : alone;
        return alone;
      }
      together = together == null ? newContext(count) : together;
      return together;
    }

    /** From here on it computes alone, or with others again. */
    void alone(boolean wanted) {
      isAlone = wanted;
      Dnnl.useThreads(wanted ? 1 : count);
    }
  }

  /** Whether there is patience left, after others have had the processor if they wanted it. */
  @SuppressWarnings("ThreadPriorityCheck") // a hint is all that is wanted
  private static boolean letOthersRun(long began) {
    Thread.yield();
    return System.nanoTime() - began < PATIENCE_NANOS;
  }

  /**
   * Waits for work with open eyes before it sleeps: the next often comes at once, and on a virtual
   * machine waking takes longer than many a task.
   */
  @SuppressWarnings("serial") // never serialized
  private static final class Patient extends LinkedBlockingQueue<Runnable> {
    @Override
    public Runnable take() throws InterruptedException {
      long began = System.nanoTime();
      do {
        Runnable next = poll();
        if (next != null) {
          return next;
        }
      } while (letOthersRun(began));
      return super.take();
    }
  }

  /** Tasks that some threads run, each the next one when it is ready for it. */
  private static final class Tasks {
    private final IntConsumer task;
    private final AtomicInteger next = new AtomicInteger();
    private final @Nullable Throwable[] failures;
    private final CountDownLatch running;

    Tasks(int count, IntConsumer task) {
      this.task = task;
      this.failures = new @Nullable Throwable[count];
      this.running = new CountDownLatch(count);
    }

    @SuppressWarnings("CatchingUnchecked") // it is thrown by the thread that waits
    void runSome() {
      for (int i = next.getAndIncrement(); i < failures.length; i = next.getAndIncrement()) {
        try {
          task.accept(i);
        } catch (Throwable e) {
          failures[i] = e;
        } finally {
          running.countDown();
        }
      }
    }

    /** Waits whatever happens: tasks work on memory that the caller would otherwise let go of. */
    void await() {
      long began = System.nanoTime();
      while (running.getCount() > 0 && letOthersRun(began)) {
        // All may have ended meanwhile.
      }
      boolean interrupted = false;
      while (true) {
        try {
          running.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      Throwable first = null;
      for (Throwable each : failures) {
        if (first == null) {
          first = each;
        } else if (each != null) {
          first.addSuppressed(each);
        }
      }
      switch (first) {
        case null -> {}
        case RuntimeException own -> throw own;
        case Error error -> throw error;
        default -> throw new IllegalStateException("a worker failed", first);
      }
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
        new ThreadPoolExecutor(
            Math.max(1, count - 1), // a thread that has tasks run is one itself
            Math.max(1, count - 1),
            0,
            TimeUnit.SECONDS,
            new Patient(),
            work -> {
              String name = "adasim-compute-" + number + "-" + next.incrementAndGet();
              Thread worker = new Thread(() -> work(work), name);
              worker.setDaemon(true);
              return worker;
            });
  }

  private void work(Runnable work) {
    seats.get().alone(true);
    work.run();
  }

  private Context newContext(int threads) {
    Context made = new Context(threads);
    contexts.add(made);
    return made;
  }

  int count() {
    return count;
  }

  /** The calling thread's. */
  Context context() {
    return seats.get().context();
  }

  private boolean alone() {
    return seats.get().isAlone;
  }

  /**
   * Runs task(0) to task(n - 1) on the workers and the calling thread, and returns when all have
   * ended.
   *
   * @throws RuntimeException the first failure, in the order of the tasks
   */
  void run(int tasks, IntConsumer task) {
    Seat own = seats.get();
    if (own.isAlone) {
      for (int i = 0; i < tasks; i++) {
        task.accept(i);
      }
      return;
    }
    Tasks all = new Tasks(tasks, task);
    for (int i = 1; i < Math.min(tasks, count); i++) {
      pool.execute(all::runSome);
    }
    own.alone(true);
    try {
      all.runSome();
    } finally {
      own.alone(false);
    }
    all.await();
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
