package stream.adasim.learner.trainer;

import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Reads what has come between two steps. A poll without a wait would only take what the socket
 * happens to hold: a large response, looked at once per step, would time out before it is whole,
 * again and again.
 */
final class CatchUp {
  private static final Duration GLANCE = Duration.ofMillis(5);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long MOST_NANOS = Duration.ofSeconds(1).toNanos();

  private CatchUp() {}

  /**
   * Hands on new records: all of them if that takes no more than a second, so that a long backlog
   * does not keep training from going on.
   *
   * @param wait for the first of them
   */
  static <K, V> void read(
      KafkaConsumer<K, V> consumer, Duration wait, Consumer<ConsumerRecord<K, V>> sink) {
    long start = System.nanoTime();
    consumer.poll(wait.compareTo(GLANCE) > 0 ? wait : GLANCE).forEach(sink);
    while (behind(consumer) && System.nanoTime() - start < MOST_NANOS) {
      consumer.poll(POLL).forEach(sink);
    }
  }

  /** Whether records are known to wait, or nothing is known of a partition yet. */
  private static boolean behind(KafkaConsumer<?, ?> consumer) {
    return consumer.assignment().stream()
        .anyMatch(partition -> consumer.currentLag(partition).orElse(1) > 0);
  }
}
