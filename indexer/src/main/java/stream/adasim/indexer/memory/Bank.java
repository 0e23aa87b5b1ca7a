package stream.adasim.indexer.memory;

import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.Kernels;

/**
 * All vectors of this instance, of every partition, in one contiguous block per model; a search
 * sees the vectors of one model only. Blocks appear with a model's first vector and go with its
 * last, so that there are two only while a new model takes over.
 *
 * <p>Thread-safe: Kafka Streams restores partitions on another thread than it processes on. One
 * thread must do all the processing (num.stream.threads=1), or the order in which searches and
 * writes of different partitions follow each other would depend on timing even within a commit.
 */
public final class Bank {
  private static final Logger LOG = LoggerFactory.getLogger(Bank.class);

  private final Kernels kernels;
  private final int rows;
  private final Recall recall;
  private final Map<Long, Block> blocks = new HashMap<>();
  private final Map<Integer, BankStore> stores = new HashMap<>();
  private final Map<String, Slot> slots = new HashMap<>();
  private long writes;

  /**
   * One whose searches are exact.
   *
   * @param rows how many vectors are held at most in steady state, 1 or more
   */
  public Bank(Kernels kernels, int rows) {
    this(kernels, rows, 1);
  }

  /**
   * @param rows how many vectors are held at most in steady state, 1 or more
   * @param recall share of the nearest that {@link #search(long, List, int)} finds at least, on
   *     average; 1 for all of them
   */
  public Bank(Kernels kernels, int rows, double recall) {
    this.kernels = kernels;
    this.rows = rows;
    this.recall = new Recall(recall);
  }

  /** The nearest of one model's vectors, as {@link Block#search} says; empty if it has none. */
  public List<Neighbour> search(long model, float[] query, int k) {
    return search(model, List.of(Query.of(query)), k).getFirst();
  }

  /**
   * The k nearest of one model's vectors that each query accepts, as {@link Block#search} says, all
   * of the memory at the same moment; in the order of the queries.
   */
  public synchronized List<List<Neighbour>> search(long model, List<Query> queries, int k) {
    Block block = blocks.get(model);
    return block == null
        ? Collections.nCopies(queries.size(), List.of())
        : block.search(queries, this::slot, k);
  }

  private @Nullable Slot slot(Query query) {
    return query.image() == null ? null : slots.get(query.image());
  }

  /** As {@link #search} among at most {@code rows} rows from {@code first} on. */
  synchronized List<Neighbour> searchPart(long model, Query query, int k, int first, int rows) {
    Block block = blocks.get(model);
    int held = block == null ? 0 : Math.clamp(block.count() - first, 0, rows);
    return block == null || held == 0 ? List.of() : block.search(query, k, first, held);
  }

  /**
   * Share of the nearest that searches found of late, as comparing some of them with exact ones
   * says; empty before any was compared, or where all are exact.
   */
  public synchronized OptionalDouble recall() {
    return recall.measured();
  }

  /** What the memory has of one model; {@code model} as {@link Model#hash} names it. */
  public record Held(long model, int dimension, int count) {}

  /** What it has of each model, the one with the most vectors first. */
  public synchronized List<Held> held() {
    return blocks.values().stream()
        .map(block -> new Held(block.model(), block.dimension(), block.count()))
        .sorted(Comparator.comparingInt(Held::count).reversed().thenComparingLong(Held::model))
        .toList();
  }

  /** Length of a model's vectors, 0 where the memory holds none. */
  public synchronized int dimension(long model) {
    Block block = blocks.get(model);
    return block == null ? 0 : block.dimension();
  }

  /** How many vectors of a model are held. */
  public synchronized int count(long model) {
    Block block = blocks.get(model);
    return block == null ? 0 : block.count();
  }

  /** Whether an image has a vector here. */
  public synchronized boolean contains(String id) {
    return slots.containsKey(id);
  }

  /** Counts a vote of one image for others: see {@link #hubness}. */
  public synchronized void voted(String voter, List<Neighbour> vote) {
    for (Neighbour neighbour : vote) {
      Slot slot = slots.get(neighbour.id());
      if (slot != null && !neighbour.id().equals(voter)) {
        slot.name();
      }
    }
  }

  /**
   * How many votes of others have named an image since its vector was written; null where it has
   * none, or had it before this instance restored it.
   */
  public synchronized @Nullable Integer hubness(String id) {
    Slot slot = slots.get(id);
    return slot == null ? null : slot.named();
  }

  /** Takes up the count of votes that name an image where it was left; null where it is unknown. */
  public synchronized void named(String id, @Nullable Integer votes) {
    Slot slot = slots.get(id);
    if (slot != null) {
      slot.named(votes);
    }
  }

  /** Stores an image's vector in place of the one that {@code old} holds, if any. */
  synchronized Slot put(String id, @Nullable Slot old, Memory memory) {
    writes++;
    Slot slot = write(id, old, memory);
    slots.put(id, slot);
    return slot;
  }

  private Slot write(String id, @Nullable Slot old, Memory memory) {
    Block block = blocks.get(memory.model());
    if (block != null && block.dimension() != memory.vector().length) {
      throw new IllegalArgumentException(
          "image %s: found a vector of length %d, expected %d as the model's others have"
              .formatted(id, memory.vector().length, block.dimension()));
    }
    if (block != null && old != null && old.block == block) {
      return block.replace(old, memory);
    }
    if (old != null) {
      remove(old);
    }
    if (block == null) {
      block = new Block(kernels, memory.model(), rows, memory.vector().length, recall);
      blocks.put(memory.model(), block);
      LOG.info(
          "memory for a model opened model={} dimension={} capacity={} models={}",
          Long.toHexString(memory.model()),
          block.dimension(),
          rows,
          blocks.size());
    }
    return block.add(id, memory);
  }

  synchronized void remove(Slot slot) {
    slots.remove(slot.id);
    Block block = slot.block;
    block.remove(slot);
    if (block.count() == 0) {
      blocks.remove(block.model());
      LOG.info("memory of a model released model={}", Long.toHexString(block.model()));
    }
  }

  synchronized void forgetNames(Slot slot) {
    slot.forgetNames();
  }

  synchronized Memory memory(Slot slot) {
    return slot.memory();
  }

  /** A partition's store is open and waits for its changelog. */
  synchronized void opened(int partition, BankStore store) {
    BankStore other = stores.put(partition, store);
    if (other != null && other != store) {
      throw new IllegalStateException(
          "partition %d of the memory is already open in this instance".formatted(partition));
    }
  }

  synchronized void closed(int partition) {
    stores.remove(partition);
    notifyAll();
  }

  /** A partition's store holds its whole state. Unknown partitions are ignored. */
  public synchronized void restored(int partition) {
    BankStore store = stores.get(partition);
    if (store != null) {
      store.restored();
      notifyAll();
    }
  }

  /**
   * The open store of a partition, for what the logged one in front of it doesn't offer: order of
   * writes and size.
   */
  public synchronized BankStore store(int partition) {
    BankStore store = stores.get(partition);
    if (store == null) {
      throw new IllegalStateException(
          "partition %d of the memory isn't open in this instance".formatted(partition));
    }
    return store;
  }

  /** Whether a partition is open in this instance. */
  public synchronized boolean holds(int partition) {
    return stores.containsKey(partition);
  }

  /** How many partitions are open in this instance. */
  public synchronized int partitions() {
    return stores.size();
  }

  /**
   * Waits until every partition that is open here holds its whole state: a task may run before
   * others are restored, and a search must not see half of the memory.
   *
   * @param patience how long restoring may stand still
   * @throws IllegalStateException if it stood still for longer, or the thread was interrupted
   */
  public synchronized void awaitWhole(Duration patience) {
    while (stores.values().stream().anyMatch(store -> !store.isRestored())) {
      long before = writes;
      long open = openPartitions();
      try {
        wait(patience.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the memory was being restored", e);
      }
      if (writes == before && open == openPartitions()) {
        throw new IllegalStateException(
            "restoring the memory has stood still for %s with %d partitions missing; look for the restore error in the log and at the changelog topics, then restart"
                .formatted(patience, open));
      }
    }
  }

  private long openPartitions() {
    return stores.values().stream().filter(store -> !store.isRestored()).count();
  }
}
