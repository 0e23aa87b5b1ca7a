package stream.adasim.ingest.http;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import stream.adasim.http.Problem;
import stream.adasim.http.ProblemException;

/** How many requests may be under way, and how many bytes they may hold. Never waits. */
final class Budget {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Semaphore requests;
  private final int maxRequests;
  private final long maxBytes;
  private final AtomicLong free;

  Budget(int maxRequests, long maxBytes) {
    this.requests = new Semaphore(maxRequests);
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
    this.free = new AtomicLong(maxBytes);
  }

  /**
   * Begins a request.
   *
   * @throws ProblemException 429 where too many are under way
   */
  Share enter() {
    if (!requests.tryAcquire()) {
      throw new ProblemException(
          new Problem(
              429,
              "%d requests are under way, as many as %s allows; send again"
                  .formatted(maxRequests, ReceiverConfig.REQUESTS),
              RETRY));
    }
    return new Share();
  }

  int requestsUnderWay() {
    return maxRequests - requests.availablePermits();
  }

  long bytesHeld() {
    return maxBytes - free.get();
  }

  /** What one request holds. Used by its thread alone. */
  final class Share implements AutoCloseable {
    private long held;

    /**
     * Takes bytes.
     *
     * @throws ProblemException 429 where there are not so many left
     */
    void take(long bytes) {
      if (free.getAndUpdate(left -> left >= bytes ? left - bytes : left) < bytes) {
        throw new ProblemException(
            new Problem(
                429,
                "the images of other requests fill %s=%d bytes; send again"
                    .formatted(ReceiverConfig.MEMORY, maxBytes),
                RETRY));
      }
      held += bytes;
    }

    /** Gives back all bytes: the image is on its way. */
    void release() {
      free.addAndGet(held);
      held = 0;
    }

    @Override
    public void close() {
      release();
      requests.release();
    }
  }
}
