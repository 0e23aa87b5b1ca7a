package stream.adasim.standalone.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Turns SIGINT and SIGTERM into an orderly end: the virtual machine waits with its exit until the
 * main thread has closed everything and this.
 */
final class Interrupt implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final CompletableFuture<Void> asked = new CompletableFuture<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stopAndWait, "shutdown");

  private Interrupt() {}

  static Interrupt onSignal() {
    Interrupt interrupt = new Interrupt();
    Runtime.getRuntime().addShutdownHook(interrupt.hook);
    return interrupt;
  }

  private void stopAndWait() {
    asked.complete(null);
    try {
      if (!done.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("adasim: not everything stopped within " + LIMIT.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean asked() {
    return asked.isDone();
  }

  /** Waits for a signal, at most so long. */
  void await(Duration limit) throws InterruptedException {
    try {
      asked.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return; // the usual case: nobody asked
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Waits for a signal or for a service to stop by itself.
   *
   * @throws ServiceFailedException if it stopped because it failed
   */
  void await(String service, CompletableFuture<Void> stopped) throws InterruptedException {
    try {
      CompletableFuture.anyOf(asked, stopped).get();
    } catch (ExecutionException e) {
      throw new ServiceFailedException(service, stopped.exceptionNow());
    }
  }

  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the virtual machine is on its way out already and waits in the hook
    }
  }
}
