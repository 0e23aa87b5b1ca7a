package stream.adasim.learner.device;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shares one device between arrivals and training: one user at a time, and whoever embeds arrivals
 * goes before whoever trains. Thread-safe.
 */
public final class DeviceTurn {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition free = lock.newCondition();
  private boolean busy;
  private int arrivalsWaiting;
  private boolean backlog;

  /**
   * Says whether more arrivals are known to wait than the next batch takes. As long as that is so,
   * no training step begins, also between two batches.
   */
  public void backlog(boolean waiting) {
    lock.lock();
    try {
      backlog = waiting;
      free.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs work for arrivals at once: on the whole device if it is free, else beside what it does.
   *
   * @param beside the same on a part of the device that nobody else uses; null where there is none,
   *     and the work has to wait until the device is free, before any waiting training step
   */
  public <T> T arrival(Supplier<T> work, @Nullable Supplier<T> beside) {
    lock.lock();
    try {
      if (busy && beside != null) {
        return aside(beside);
      }
      arrivalsWaiting++;
      while (busy) {
        free.awaitUninterruptibly();
      }
      arrivalsWaiting--;
      busy = true;
    } finally {
      lock.unlock();
    }
    return run(work);
  }

  /** With the lock given up meanwhile. */
  private <T> T aside(Supplier<T> work) {
    lock.unlock();
    try {
      return work.get();
    } finally {
      lock.lock();
    }
  }

  /** Runs a training step once the device is free and no arrival waits for it. */
  public <T> T step(Supplier<T> work) {
    lock.lock();
    try {
      while (busy || arrivalsWaiting > 0 || backlog) {
        free.awaitUninterruptibly();
      }
      busy = true;
    } finally {
      lock.unlock();
    }
    return run(work);
  }

  private <T> T run(Supplier<T> work) {
    try {
      return work.get();
    } finally {
      lock.lock();
      try {
        busy = false;
        free.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
