package stream.adasim.indexer;

import java.time.Duration;

/**
 * When queries that wait are searched for.
 *
 * @param size as soon as so many wait
 * @param longest as soon as one has waited for about this long
 */
public record Batching(int size, Duration longest) {}
