package stream.adasim.indexer;

import java.time.Duration;

/**
 * When queries that wait are searched for.
 *
 * @param size as soon as so many wait
 * @param longest as soon as one has waited for about this long
 */
public record Batching(int size, Duration longest) {
  /** A fifth of the longest wait: looked at only once per wait, some would wait twice as long. */
  Duration betweenLooks() {
    return Duration.ofMillis(Math.max(1, longest.toMillis() / 5));
  }
}
