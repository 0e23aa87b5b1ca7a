package stream.adasim.ingest.source;

import org.jspecify.annotations.Nullable;

/**
 * The items of a source, read one at a time: nothing is read before it is asked for. I/O errors are
 * items too ({@link Unreadable}), so neither method throws. Not thread-safe.
 */
public interface Items extends AutoCloseable {

  /** The next item, or null at the end. */
  @Nullable Item next();

  @Override
  void close();
}
