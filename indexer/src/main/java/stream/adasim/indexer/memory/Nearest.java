package stream.adasim.indexer.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Keeps the k nearest of the images that it is offered and that are accepted. */
final class Nearest {
  private final int k;
  private final Acceptance acceptance;
  private final PriorityQueue<Neighbour> furthestFirst =
      new PriorityQueue<>(Neighbour.NEAREST_FIRST.reversed());

  Nearest(int k, @Nullable Acceptance acceptance) {
    this.k = k;
    this.acceptance = acceptance == null ? Acceptance.ALL : acceptance;
  }

  void offer(Slot slot, float similarity) {
    // Most images of a large memory end here, without an object made for them.
    if (similarity < threshold() || !acceptance.accepts(slot, similarity)) {
      return;
    }
    furthestFirst.add(new Neighbour(slot.id, slot.fingerprint, similarity));
    if (furthestFirst.size() > k) {
      furthestFirst.remove();
    }
  }

  /** Similarity of the k-th nearest, negative infinity while there are fewer. */
  float threshold() {
    Neighbour furthest = furthestFirst.peek();
    return furthest == null || furthestFirst.size() < k
        ? Float.NEGATIVE_INFINITY
        : furthest.similarity();
  }

  /** Nearest first. */
  List<Neighbour> list() {
    List<Neighbour> nearest = new ArrayList<>(furthestFirst);
    nearest.sort(Neighbour.NEAREST_FIRST);
    return List.copyOf(nearest);
  }
}
