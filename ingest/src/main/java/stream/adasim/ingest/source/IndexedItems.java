package stream.adasim.ingest.source;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Items of a source that can be read at any position: in stored order, or fully shuffled. */
final class IndexedItems implements Items {
  private final int count;
  private final int @Nullable [] order;
  private final IntFunction<Item> at;
  private final Closeable held;
  private int next;

  /**
   * @param held what the positions are read from; closed with the items
   */
  IndexedItems(int count, Order order, IntFunction<Item> at, Closeable held) {
    this.count = count;
    this.order =
        switch (order) {
          case Order.AsStored() -> null;
          case Order.Shuffled(long seed) -> permutation(count, seed);
        };
    this.at = at;
    this.held = held;
  }

  @Override
  public @Nullable Item next() {
    if (next == count) {
      return null;
    }
    int position = order == null ? next : order[next];
    next++;
    return at.apply(position);
  }

  @Override
  public void close() {
    try {
      held.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fisher-Yates. */
  private static int[] permutation(int count, long seed) {
    var random = new SplittableRandom(seed);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
