package stream.adasim.indexer.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * One partition of the memory: image id to {@link Memory}, the vectors lying in the {@link Bank}
 * that all partitions of the instance share. Held in memory only and rebuilt from its changelog;
 * closing it gives its rows back.
 *
 * <p>{@code get} returns the bytes that were put, bit for bit.
 */
public final class BankStore implements KeyValueStore<Bytes, byte[]> {
  private final String name;
  private final IntFunction<Bank> banks;
  private @Nullable Bank bank;

  /** In the order of writing, oldest first. */
  private final LinkedHashMap<Bytes, Slot> slots = new LinkedHashMap<>();

  private int partition;

  /** Volatile, not guarded: the bank asks while another thread restores. */
  private volatile boolean restored;

  private boolean open;

  public BankStore(String name, Bank bank) {
    this(name, partition -> bank);
  }

  /**
   * @param banks the bank that a partition of the store belongs to
   */
  public BankStore(String name, IntFunction<Bank> banks) {
    this.name = name;
    this.banks = banks;
  }

  // What the processor needs beside the logged store

  public synchronized int size() {
    return slots.size();
  }

  public synchronized boolean contains(String id) {
    return slots.containsKey(key(id));
  }

  /** The image whose vector was written longest ago. */
  public synchronized @Nullable String oldest() {
    return slots.isEmpty() ? null : slots.firstEntry().getValue().id;
  }

  /** All images, the one whose vector was written longest ago first. */
  public synchronized List<String> ids() {
    return slots.values().stream().map(Slot::id).toList();
  }

  /** Up to {@code most} of the images with another model's vectors, oldest first. */
  public synchronized List<String> ofOtherModels(long model, int most) {
    List<String> ids = new ArrayList<>();
    for (Slot slot : slots.values()) {
      // Within a partition a new model's vectors follow the old one's: from here on all are new.
      if (slot.block.model() == model || ids.size() == most) {
        break;
      }
      ids.add(slot.id);
    }
    return ids;
  }

  /** What was written of an image, without its vector; null where there is nothing. */
  public synchronized @Nullable Slot slot(String id) {
    return slots.get(key(id));
  }

  /** A sequence for the next write: the record's offset, unless the log was begun anew. */
  public synchronized long sequence(long offset) {
    return slots.isEmpty() ? offset : Math.max(offset, slots.lastEntry().getValue().sequence + 1);
  }

  public void restored() {
    restored = true;
  }

  public boolean isRestored() {
    return restored;
  }

  // The store

  @Override
  public String name() {
    return name;
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    open(context.taskId().partition());
    context.register(root, this::restore);
  }

  /** Joins the bank as a partition that isn't restored yet. */
  public synchronized void open(int newPartition) {
    bank = banks.apply(newPartition);
    bank.opened(newPartition, this);
    partition = newPartition;
    restored = false;
    open = true;
  }

  /** Takes over one record of the changelog; a null value deletes. */
  public synchronized void restore(byte[] key, byte @Nullable [] value) {
    Bytes id = Bytes.wrap(key);
    put(id, value);
    if (value != null) {
      bank().forgetNames(requireNonNull(slots.get(id)));
    }
  }

  @Override
  public synchronized void put(Bytes key, byte @Nullable [] value) {
    if (value == null) {
      delete(key);
      return;
    }
    Memory memory = Memory.decode(value);
    Slot slot = bank().put(new String(key.get(), UTF_8), slots.get(key), memory);
    slots.putLast(key, slot);
  }

  @Override
  public synchronized byte @Nullable [] putIfAbsent(Bytes key, byte @Nullable [] value) {
    byte[] present = get(key);
    if (present == null) {
      put(key, value);
    }
    return present;
  }

  @Override
  public synchronized void putAll(List<KeyValue<Bytes, byte[]>> entries) {
    entries.forEach(entry -> put(entry.key, entry.value));
  }

  @Override
  public synchronized byte @Nullable [] delete(Bytes key) {
    Slot slot = slots.remove(key);
    if (slot == null) {
      return null;
    }
    byte[] value = bank().memory(slot).encode();
    bank().remove(slot);
    return value;
  }

  @Override
  public synchronized byte @Nullable [] get(Bytes key) {
    Slot slot = slots.get(key);
    return slot == null ? null : bank().memory(slot).encode();
  }

  @Override
  public synchronized KeyValueIterator<Bytes, byte[]> range(
      @Nullable Bytes from, @Nullable Bytes to) {
    TreeMap<Bytes, byte[]> copy = new TreeMap<>();
    for (Map.Entry<Bytes, Slot> entry : slots.entrySet()) {
      Bytes key = entry.getKey();
      if ((from == null || key.compareTo(from) >= 0) && (to == null || key.compareTo(to) <= 0)) {
        copy.put(key, bank().memory(entry.getValue()).encode());
      }
    }
    return new Snapshot(copy);
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> all() {
    return range(null, null);
  }

  @Override
  public synchronized long approximateNumEntries() {
    return slots.size();
  }

  @Override
  public synchronized void close() {
    if (open) {
      open = false;
      slots.values().forEach(bank()::remove);
      slots.clear();
      bank().closed(partition);
    }
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public synchronized boolean isOpen() {
    return open;
  }

  /** Always the empty one: positions are for queries bounded by one, which aren't offered. */
  @Override
  public Position getPosition() {
    return Position.emptyPosition();
  }

  private Bank bank() {
    return requireNonNull(bank, "open comes first");
  }

  private static Bytes key(String id) {
    return Bytes.wrap(id.getBytes(UTF_8));
  }

  /** Iterates over a copy, so that writes meanwhile don't matter. */
  private static final class Snapshot implements KeyValueIterator<Bytes, byte[]> {
    private final NavigableMap<Bytes, byte[]> copy;
    private final Iterator<Map.Entry<Bytes, byte[]>> entries;
    private @Nullable Bytes last;

    Snapshot(NavigableMap<Bytes, byte[]> copy) {
      this.copy = copy;
      this.entries = copy.entrySet().iterator();
    }

    @Override
    public boolean hasNext() {
      return entries.hasNext();
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
      Map.Entry<Bytes, byte[]> entry = entries.next();
      last = entry.getKey();
      return new KeyValue<>(entry.getKey(), entry.getValue());
    }

    @Override
    public Bytes peekNextKey() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return last == null ? copy.firstKey() : copy.higherKey(last);
    }

    @Override
    public void close() {}
  }
}
