package stream.adasim.ingest.source;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Shuffles what can only be read front to back: holds up to so many items or bytes and hands out a
 * random one of them. An item travels as far back as chance has it, but never further forward than
 * the buffer is long, so a stream that is sorted by class stays roughly so.
 */
final class ShuffleBuffer implements Items {
  static final int ITEMS = 4096;
  static final long BYTES = 64L << 20;

  private final Items items;
  private final int maxItems;
  private final long maxBytes;
  private final SplittableRandom random;
  private final List<Item> held = new ArrayList<>();
  private long heldBytes;

  ShuffleBuffer(Items items, long seed) {
    this(items, seed, ITEMS, BYTES);
  }

  ShuffleBuffer(Items items, long seed, int maxItems, long maxBytes) {
    this.items = items;
    this.maxItems = maxItems;
    this.maxBytes = maxBytes;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public @Nullable Item next() {
    while (held.size() < maxItems && heldBytes < maxBytes) {
      Item item = items.next();
      if (item == null) {
        break;
      }
      dropEarlier(item);
      held.add(item);
      heldBytes += bytes(item);
    }
    if (held.isEmpty()) {
      return null;
    }
    int chosen = random.nextInt(held.size());
    Item item = held.get(chosen);
    held.set(chosen, held.getLast());
    held.removeLast();
    heldBytes -= bytes(item);
    return item;
  }

  /** Of two entries with one name the later counts, so the earlier must not overtake it. */
  private void dropEarlier(Item later) {
    for (int i = 0; i < held.size(); i++) {
      if (held.get(i) instanceof SourceImage earlier && earlier.id().equals(later.name())) {
        heldBytes -= bytes(earlier);
        held.set(i, new Skipped(earlier.id()));
      }
    }
  }

  private static long bytes(Item item) {
    return item instanceof SourceImage image ? image.bytes().limit() : 0;
  }

  @Override
  public void close() {
    items.close();
  }
}
