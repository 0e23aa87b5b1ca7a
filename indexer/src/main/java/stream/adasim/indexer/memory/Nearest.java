package stream.adasim.indexer.memory;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the k nearest of the images that it is offered and that are accepted. Sorted all the time:
 * a search offers the nearest first, or near to it.
 */
final class Nearest {
  private final int k;
  private final Acceptance acceptance;
  private final List<Neighbour> nearest;

  Nearest(int k, @Nullable Acceptance acceptance) {
    this.k = k;
    this.acceptance = acceptance == null ? Acceptance.ALL : acceptance;
    this.nearest = new ArrayList<>(k + 1);
  }

  void offer(Slot slot, float similarity) {
    // Most images of a large memory end here, without an object made for them.
    if (similarity < threshold() || !acceptance.accepts(slot, similarity)) {
      return;
    }
    Neighbour offered = new Neighbour(slot.id, slot.fingerprint, similarity);
    int at = nearest.size();
    while (at > 0 && Neighbour.NEAREST_FIRST.compare(offered, nearest.get(at - 1)) < 0) {
      at--;
    }
    nearest.add(at, offered);
    if (nearest.size() > k) {
      nearest.removeLast();
    }
  }

  /** Similarity of the k-th nearest, negative infinity while there are fewer. */
  float threshold() {
    return nearest.size() < k ? Float.NEGATIVE_INFINITY : nearest.getLast().similarity();
  }

  /** Nearest first. */
  List<Neighbour> list() {
    return List.copyOf(nearest);
  }
}
