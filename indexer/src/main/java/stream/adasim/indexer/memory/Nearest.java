package stream.adasim.indexer.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** Keeps the k nearest of the images that it is offered. */
final class Nearest {
  private final int k;
  private final PriorityQueue<Neighbour> furthestFirst =
      new PriorityQueue<>(Neighbour.NEAREST_FIRST.reversed());

  Nearest(int k) {
    this.k = k;
  }

  void offer(Slot slot, float similarity) {
    if (furthestFirst.size() == k) {
      // Most images of a large memory end here, without an object made for them.
      Neighbour furthest = furthestFirst.peek();
      if (furthest != null && similarity < furthest.similarity()) {
        return;
      }
    }
    furthestFirst.add(new Neighbour(slot.id, slot.fingerprint, similarity));
    if (furthestFirst.size() > k) {
      furthestFirst.remove();
    }
  }

  /** Nearest first. */
  List<Neighbour> list() {
    List<Neighbour> nearest = new ArrayList<>(furthestFirst);
    nearest.sort(Neighbour.NEAREST_FIRST);
    return List.copyOf(nearest);
  }
}
