package stream.adasim.learner.window;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The images that the current pass has yet to visit. Drawing a random one each time is a shuffle
 * that newcomers join at a random remaining place, without moving anything. Every operation takes
 * constant time.
 */
final class Pass {
  private final List<Slot> remaining = new ArrayList<>();

  int size() {
    return remaining.size();
  }

  List<Slot> slots() {
    return remaining;
  }

  void add(Slot slot) {
    if (slot.remaining < 0) {
      slot.remaining = remaining.size();
      remaining.add(slot);
    }
  }

  void remove(Slot slot) {
    if (slot.remaining >= 0) {
      var last = remaining.removeLast();
      if (last != slot) {
        place(last, slot.remaining);
      }
      slot.remaining = -1;
    }
  }

  /** Removes and returns one of the first {@code limit} slots; those behind keep their order. */
  Slot draw(int limit, RandomGenerator random) {
    var index = random.nextInt(limit);
    var drawn = remaining.get(index);
    place(remaining.get(limit - 1), index);
    var last = remaining.removeLast();
    if (remaining.size() >= limit) { // the last one was behind the limit: it fills the gap there
      place(last, limit - 1);
    }
    drawn.remaining = -1;
    return drawn;
  }

  private void place(Slot slot, int index) {
    remaining.set(index, slot);
    slot.remaining = index;
  }
}
