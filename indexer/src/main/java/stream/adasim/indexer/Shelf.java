package stream.adasim.indexer;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import stream.adasim.indexer.memory.BankStore;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.memory.Models;
import stream.adasim.indexer.memory.Slot;

/** One store of the memory, held to its capacity: the vectors written longest ago go first. */
final class Shelf {
  /**
   * Vectors of an older model that one visit clears away, so that no visit waits for all of them.
   */
  private static final int STALE_PER_VISIT = 16;

  private final Entries logged;
  private final BankStore store;
  private final int capacity;
  private final Models models;

  /**
   * @param logged writes to the store, and to its changelog where it has one
   * @param store what lies behind it
   * @param models is told whose vectors are written
   */
  Shelf(Entries logged, BankStore store, int capacity, Models models) {
    this.logged = logged;
    this.store = store;
    this.capacity = capacity;
    this.models = models;
  }

  /**
   * Writes the vector of a visit after making room for it, unless one of the same or a later visit
   * is there.
   *
   * @return who had to leave
   */
  List<KeyValue<String, Evicted>> remember(Visit visit, float[] vector) {
    long model = visit.model();
    Slot present = store.slot(visit.id());
    if (present != null && present.model() == model && present.visit() >= visit.visited().visit()) {
      return List.of();
    }
    List<KeyValue<String, Evicted>> evicted = new ArrayList<>();
    for (String stale : store.ofOtherModels(model, STALE_PER_VISIT)) {
      if (!stale.equals(visit.id())) {
        evicted.add(evict(stale));
      }
    }
    int room = present == null ? capacity - 1 : capacity;
    while (store.size() > room) {
      evicted.add(evict(requireNonNull(store.oldest())));
    }
    Memory memory =
        new Memory(
            visit.visited().fingerprint(),
            model,
            store.sequence(visit.offset()),
            visit.visited().visit(),
            visit.origin(),
            vector);
    logged.put(visit.id(), memory.encode());
    models.saw(visit.visited().modelId(), visit.visited().modelVersion());
    return evicted;
  }

  void forget(String id) {
    if (store.slot(id) != null) {
      logged.delete(id);
    }
  }

  private KeyValue<String, Evicted> evict(String id) {
    Slot slot = requireNonNull(store.slot(id));
    Evicted evicted = new Evicted(slot.model(), slot.visit());
    logged.delete(id);
    return KeyValue.pair(id, evicted);
  }
}
