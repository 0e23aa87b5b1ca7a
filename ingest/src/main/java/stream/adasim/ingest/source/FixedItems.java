package stream.adasim.ingest.source;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Items that are there already: what is left when a source cannot be opened. */
final class FixedItems implements Items {
  private final Iterator<Item> items;

  FixedItems(Item... items) {
    this.items = List.of(items).iterator();
  }

  @Override
  public @Nullable Item next() {
    return items.hasNext() ? items.next() : null;
  }

  @Override
  public void close() {}
}
