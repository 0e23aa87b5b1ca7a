package stream.adasim.learner.window;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedCollection;
import java.util.TreeSet;
import java.util.function.Function;
import stream.adasim.learner.decode.Fingerprint;

/** Chooses who leaves a full window. Follows from what the window holds, not from its history. */
interface Eviction {
  void added(Slot slot);

  void removed(Slot slot);

  /** What is known about an image's neighbours has changed. */
  void changed(Slot slot);

  /**
   * The one to leave.
   *
   * @param slots all of them, the oldest arrival first; at least one
   */
  Slot victim(SequencedCollection<Slot> slots);

  /**
   * Makes the policy's.
   *
   * @param seed of a reservoir's sample
   * @param redundancy similarity of an image to its nearest other in the window; nothing where that
   *     isn't known, which protects it
   */
  static Eviction of(
      ReplayPolicy policy, long seed, Function<WindowImage, OptionalDouble> redundancy) {
    return switch (policy) {
      case FIFO -> new Fifo();
      case RESERVOIR -> new Reservoir(seed);
      case MINRED -> new MinRed(redundancy);
    };
  }

  /** The oldest arrival. */
  final class Fifo implements Eviction {
    @Override
    public void added(Slot slot) {}

    @Override
    public void removed(Slot slot) {}

    @Override
    public void changed(Slot slot) {}

    @Override
    public Slot victim(SequencedCollection<Slot> slots) {
      return slots.getFirst();
    }
  }

  /** A slot with the number that it is sorted by; ties by id. */
  record Ranked(Slot slot, double rank) implements Comparable<Ranked> {
    private static final Comparator<Ranked> ORDER =
        Comparator.comparingDouble(Ranked::rank).thenComparing(r -> r.slot.image.id());

    @Override
    public int compareTo(Ranked other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * Every id has a random number of its own, and those with the smallest stay: an even sample
   * without replacement, whatever comes twice, goes or is read again after a restart.
   */
  final class Reservoir implements Eviction {
    private final long seed;
    private final TreeSet<Ranked> ranked = new TreeSet<>();

    Reservoir(long seed) {
      this.seed = seed;
    }

    private Ranked ranked(Slot slot) {
      byte[] id = slot.image.id().getBytes(StandardCharsets.UTF_8);
      ByteBuffer seeded = ByteBuffer.allocate(Long.BYTES + id.length).putLong(seed).put(id).flip();
      return new Ranked(slot, Fingerprint.of(seeded));
    }

    @Override
    public void added(Slot slot) {
      ranked.add(ranked(slot));
    }

    @Override
    public void removed(Slot slot) {
      ranked.remove(ranked(slot));
    }

    @Override
    public void changed(Slot slot) {}

    @Override
    public Slot victim(SequencedCollection<Slot> slots) {
      return ranked.last().slot();
    }
  }

  /**
   * The image most similar to its nearest other. Similarities come with the votes, which average
   * them over an image's visits, so that nothing is searched here; what left the window since is
   * noticed when an image's turn comes.
   */
  final class MinRed implements Eviction {
    private final Function<WindowImage, OptionalDouble> redundancy;
    private final Map<String, Ranked> known = new HashMap<>();
    private final TreeSet<Ranked> ranked = new TreeSet<>();

    MinRed(Function<WindowImage, OptionalDouble> redundancy) {
      this.redundancy = redundancy;
    }

    @Override
    public void added(Slot slot) {
      changed(slot);
    }

    @Override
    public void removed(Slot slot) {
      Ranked held = known.remove(slot.image.id());
      if (held != null) {
        ranked.remove(held);
      }
    }

    @Override
    public void changed(Slot slot) {
      removed(slot);
      redundancy
          .apply(slot.image)
          .ifPresent(
              similarity -> {
                Ranked held = new Ranked(slot, similarity);
                known.put(slot.image.id(), held);
                ranked.add(held);
              });
    }

    @Override
    public Slot victim(SequencedCollection<Slot> slots) {
      while (!ranked.isEmpty()) {
        Ranked first = ranked.last();
        OptionalDouble now = redundancy.apply(first.slot().image);
        if (now.isPresent() && now.getAsDouble() >= first.rank()) {
          return first.slot();
        }
        changed(first.slot()); // its nearest other has left: it is less redundant than that
      }
      return slots.getFirst();
    }
  }
}
