package stream.adasim.indexer;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.BankStore;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.memory.Models;
import stream.adasim.indexer.votes.Ring;

/**
 * The neighbour memory without Kafka: visits in, neighbourhoods out, by the rules of the stream. It
 * is one memory of one partition, {@code memory.capacity} images large, whatever {@code
 * memory.shards} and {@code topic.partitions} say. The same calls give the same neighbourhoods, bit
 * for bit. Not thread-safe.
 */
public final class OfflineMemory {
  private static final int PARTITION = 0;

  private final MemoryConfig config;
  private final Bank bank;
  private final BankStore store;
  private final SearchBatch batch;
  private final Shelf shelf;
  private final Map<String, byte[]> rings = new LinkedHashMap<>();
  private final Votes votes;
  private final List<Published> published = new ArrayList<>();
  private long offset;

  /**
   * One image's visit in training.
   *
   * @param visit its number, counted from 1
   * @param vector to be remembered, of unit length
   * @param query to search with, of unit length; empty for the vector
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once
  public record Visited(
      String id,
      long fingerprint,
      int visit,
      long step,
      String modelId,
      String source,
      @Nullable String label,
      Instant capturedAt,
      float[] vector,
      float[] query) {}

  /**
   * What the stream would write to {@code neighbours}.
   *
   * @param neighbourhood null where the image had to leave the memory
   */
  public record Published(String id, @Nullable Neighbourhood neighbourhood) {}

  /**
   * @param kernels of the search; the caller's to close
   */
  public OfflineMemory(IndexerConfig settings, Kernels kernels) {
    config =
        new MemoryConfig(
            settings.memoryCapacity(),
            1,
            0,
            settings.memoryTopK(),
            settings.memoryVotes(),
            settings.memoryRecall(),
            settings.exclusions());
    bank = new Bank(kernels, config.rows(), config.recall());
    store = new BankStore(config.bankStore(), bank);
    store.open(PARTITION);
    bank.restored(PARTITION);
    batch = new SearchBatch(bank, config.stores(), config);
    shelf = new Shelf(Entries.of(store), store, config.perStore(), new Models());
    votes =
        new Votes(
            config,
            Entries.of(rings),
            (id, neighbourhood, timestamp) -> published.add(new Published(id, neighbourhood)));
  }

  /**
   * Counts the visits of one step: all search the memory as it was before any of them is written.
   * Visits that were counted before are left out.
   *
   * @return what is published, in this order
   */
  public List<Published> visits(List<Visited> step) {
    published.clear();
    List<SearchBatch.Pending> asked = new ArrayList<>(step.size());
    for (Visited visited : step) {
      Visit visit = visit(visited);
      if (!votes.counted(visit.id(), visit.visited())) {
        float[] query = visited.query().length == 0 ? visited.vector() : visited.query();
        asked.add(
            new SearchBatch.Pending(new Ask.Question(PARTITION, visit, visited.vector(), query)));
      }
    }
    asked.forEach(pending -> batch.add(pending, 0));
    batch.search();
    asked.forEach(this::answer);
    return List.copyOf(published);
  }

  private Visit visit(Visited visited) {
    return new Visit(
        visited.id(),
        new Ring.Visited(
            visited.modelId(), 0, visited.fingerprint(), visited.visit(), visited.step()),
        new Memory.Origin(visited.source(), visited.label(), visited.capturedAt()),
        offset++,
        0);
  }

  private void answer(SearchBatch.Pending pending) {
    Visit visit = pending.question().visit();
    boolean voted =
        votes.count(visit, pending.present() ? pending.found() : null, bank.hubness(visit.id()));
    if (voted) {
      bank.voted(visit.id(), pending.found());
    }
    for (KeyValue<String, Evicted> gone : shelf.remember(visit, pending.question().vector())) {
      votes.evicted(gone.key, gone.value, visit.timestamp());
    }
  }

  /** Images held. */
  public int size() {
    return store.size();
  }

  /** Writes all of it. */
  public void save(DataOutput out) throws IOException {
    out.writeLong(offset);
    List<String> ids = store.ids();
    out.writeInt(ids.size());
    Entries vectors = Entries.of(store);
    for (String id : ids) {
      Wire.writeText(out, id);
      writeBytes(out, vectors.get(id));
      Integer hubness = bank.hubness(id);
      out.writeInt(hubness == null ? -1 : hubness);
    }
    out.writeInt(rings.size());
    for (Map.Entry<String, byte[]> ring : rings.entrySet()) {
      Wire.writeText(out, ring.getKey());
      writeBytes(out, ring.getValue());
    }
  }

  /**
   * Reads what {@link #save} wrote into this, which must be new, and goes on as if it were that.
   */
  public void restore(DataInput in) throws IOException {
    if (store.size() > 0 || !rings.isEmpty()) {
      throw new IllegalStateException("only a new memory can be restored");
    }
    offset = in.readLong();
    Entries vectors = Entries.of(store);
    for (int i = in.readInt(); i > 0; i--) {
      String id = Wire.readText(in);
      vectors.put(id, readBytes(in));
      int hubness = in.readInt();
      bank.named(id, hubness < 0 ? null : hubness);
    }
    for (int i = in.readInt(); i > 0; i--) {
      rings.put(Wire.readText(in), readBytes(in));
    }
  }

  private static void writeBytes(DataOutput out, byte @Nullable [] bytes) throws IOException {
    if (bytes == null) {
      throw new IllegalStateException("an image left the memory while it was written");
    }
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] readBytes(DataInput in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }
}
