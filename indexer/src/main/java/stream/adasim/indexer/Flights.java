package stream.adasim.indexer;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import stream.adasim.indexer.votes.Ring;

/**
 * The visits of one partition that were sent to the shards, in the order in which they were sent;
 * they come back in that order, because every shard answers in it. What comes back about a visit
 * that isn't here is of an image that was deleted or evicted meanwhile, and is ignored.
 */
final class Flights {
  private final KeyValueStore<String, byte[]> store;
  private final int shards;
  private final int topK;

  Flights(KeyValueStore<String, byte[]> store, int shards, int topK) {
    this.store = store;
    this.shards = shards;
    this.topK = topK;
  }

  void open(Visit visit) {
    List<Flight> flights = of(visit.id());
    flights.add(Flight.of(visit));
    put(visit.id(), flights);
  }

  /** Whether a visit, or a later one of the same model, is under way. */
  boolean counted(String id, Ring.Visited visited) {
    return of(id).stream()
        .anyMatch(flight -> Ring.first(flight.visit().visited()).counted(visited));
  }

  /** Takes one shard's answer; returns the visit once it was the last one's. */
  @Nullable Flight land(String id, Answer.Piece piece) {
    List<Flight> flights = of(id);
    for (int i = 0; i < flights.size(); i++) {
      if (flights.get(i).visit().offset() == piece.offset()) {
        Flight next = flights.get(i).with(piece, topK);
        if (next.complete(shards)) {
          flights.remove(i);
        } else {
          flights.set(i, next);
        }
        put(id, flights);
        return next.complete(shards) ? next : null;
      }
    }
    return null;
  }

  /** Forgets an image that was deleted. */
  void forget(String id) {
    if (store.get(id) != null) {
      store.delete(id);
    }
  }

  /** Forgets what was under way of an image that had to leave the memory, up to a visit. */
  void evicted(String id, Evicted evicted) {
    List<Flight> flights = of(id);
    if (flights.removeIf(
        flight ->
            flight.visit().model() == evicted.model()
                && flight.visit().visited().visit() <= evicted.visit())) {
      put(id, flights);
    }
  }

  private List<Flight> of(String id) {
    byte[] stored = store.get(id);
    if (stored == null) {
      return new ArrayList<>();
    }
    return Wire.read(
        stored,
        in -> {
          int size = in.readInt();
          List<Flight> flights = new ArrayList<>(size);
          for (int i = 0; i < size; i++) {
            flights.add(Flight.read(in));
          }
          return flights;
        });
  }

  private void put(String id, List<Flight> flights) {
    if (flights.isEmpty()) {
      store.delete(id);
      return;
    }
    store.put(
        id,
        Wire.write(
            out -> {
              out.writeInt(flights.size());
              for (Flight flight : flights) {
                flight.write(out);
              }
            }));
  }
}
