package stream.adasim.learner.device;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

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

  /** Runs work for arrivals as soon as the device is free, before any waiting training step. */
  public <T> T arrival(Supplier<T> work) {
    lock.lock();
    try {
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
