package stream.adasim.indexer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The questions of one task that aren't answered, in the order in which they came.
 *
 * <p>Their records' offsets may be committed while they wait, so they stand in a store, too, and
 * whoever opens it next answers them. The store's cache is on: what comes and goes within one
 * commit interval never reaches the changelog, but as a deletion; hence keys that are used again
 * and again.
 */
final class Waiting {
  private final KeyValueStore<Integer, byte[]> store;
  private final SearchBatch batch;
  private final LongSupplier clock; // milliseconds
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private final Set<String> ids = new HashSet<>();
  private int nextKey;

  private record Entry(int key, SearchBatch.Pending pending) {}

  /**
   * Takes up what the store holds.
   *
   * @param clock milliseconds, of the same clock as {@link SearchBatch#waited}
   */
  Waiting(KeyValueStore<Integer, byte[]> store, SearchBatch batch, LongSupplier clock) {
    this.store = store;
    this.batch = batch;
    this.clock = clock;
    List<KeyValue<Integer, Ask.Question>> held = new ArrayList<>();
    try (KeyValueIterator<Integer, byte[]> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<Integer, byte[]> entry = all.next();
        if (Ask.decode(entry.value) instanceof Ask.Question question) {
          held.add(KeyValue.pair(entry.key, question));
        }
      }
    }
    held.sort(Comparator.comparingLong(entry -> entry.value.visit().offset()));
    held.forEach(entry -> enqueue(entry.key, entry.value));
  }

  boolean contains(String id) {
    return ids.contains(id);
  }

  void add(Ask.Question question) {
    int key = entries.isEmpty() ? 0 : nextKey;
    store.put(key, question.encode());
    enqueue(key, question);
  }

  private void enqueue(int key, Ask.Question question) {
    SearchBatch.Pending pending = new SearchBatch.Pending(question);
    entries.add(new Entry(key, pending));
    ids.add(question.visit().id());
    batch.add(pending, clock.getAsLong());
    nextKey = entries.size() == 1 ? key + 1 : Math.max(nextKey, key + 1);
  }

  /** Hands over, oldest first, what was searched. */
  void answered(Consumer<SearchBatch.Pending> taker) {
    for (Entry first = entries.peek();
        first != null && first.pending.searched();
        first = entries.peek()) {
      take(first);
      taker.accept(first.pending);
    }
  }

  private void take(Entry first) {
    entries.remove();
    ids.remove(first.pending.question().visit().id());
    store.delete(first.key);
  }

  /** Leaves the batch: the task is closed, and its store holds what it has to. */
  void close() {
    batch.withdraw(entries.stream().map(Entry::pending).toList());
  }
}
