package stream.adasim.learner.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class DeviceTurnTest {
  @Test
  void arrivalsThatWaitGoBeforeStepsThatWait() throws InterruptedException {
    DeviceTurn turn = new DeviceTurn();
    List<String> order = new CopyOnWriteArrayList<>();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      CompletableFuture<?> first =
          CompletableFuture.runAsync(
              () ->
                  turn.step(
                      () -> {
                        running.countDown();
                        await(release);
                        return order.add("first step");
                      }),
              threads);
      running.await();
      Thread step = waiting(() -> turn.step(() -> order.add("second step")));
      Thread arrival = waiting(() -> turn.arrival(() -> order.add("arrival"), null));
      release.countDown();
      first.join();
      step.join();
      arrival.join();
    }
    assertThat(order).containsExactly("first step", "arrival", "second step");
  }

  @Test
  void noStepBeginsBetweenTwoBatchesOfABacklog() throws InterruptedException {
    DeviceTurn turn = new DeviceTurn();
    List<String> order = new CopyOnWriteArrayList<>();
    turn.backlog(true);
    Thread step = waiting(() -> turn.step(() -> order.add("step")));
    turn.arrival(() -> order.add("first batch"), null);
    turn.arrival(() -> order.add("second batch"), null);
    turn.backlog(false);
    step.join();
    assertThat(order).containsExactly("first batch", "second batch", "step");
  }

  @Test
  void anArrivalNeedsNoTurnWhereItCanRunBesideAStep() throws InterruptedException {
    DeviceTurn turn = new DeviceTurn();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    assertThat(turn.<String>arrival(() -> "whole", () -> "beside")).isEqualTo("whole");
    Thread step =
        Thread.ofPlatform()
            .start(
                () ->
                    turn.step(
                        () -> {
                          running.countDown();
                          await(release);
                          return "step";
                        }));
    running.await();
    assertThat(turn.<String>arrival(() -> "whole", () -> "beside")).isEqualTo("beside");
    release.countDown();
    step.join();
  }

  @Test
  void aFailureFreesTheDevice() {
    DeviceTurn turn = new DeviceTurn();
    CompletableFuture<Object> failed =
        CompletableFuture.supplyAsync(
            () ->
                turn.step(
                    () -> {
                      throw new IllegalStateException("broken");
                    }));
    assertThat(failed).failsWithin(java.time.Duration.ofSeconds(10));
    assertThat(turn.arrival(() -> "next", null)).isEqualTo("next");
  }

  /** A thread that has got as far as waiting for its turn. */
  private static Thread waiting(Runnable work) {
    Thread thread = Thread.ofPlatform().start(work);
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
