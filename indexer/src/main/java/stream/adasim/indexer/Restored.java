package stream.adasim.indexer;

import java.time.Duration;

/**
 * What an instance has read of the memory's changelogs before it could work on its partitions; what
 * it copied while it stood by is not in it.
 *
 * @param records of the changelogs, overwritten ones that weren't compacted yet included
 * @param took how long it was reading
 */
public record Restored(long records, Duration took) {}
