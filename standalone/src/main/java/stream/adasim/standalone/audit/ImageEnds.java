package stream.adasim.standalone.audit;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every id that was produced must end in exactly one of: a current embedding, a dead letter, a
 * deletion. Takes {@code images} first, and the other two topics afterwards. Not thread-safe.
 */
final class ImageEnds {
  /**
   * How it ended.
   *
   * @param ids distinct ids of {@code images}, and its records without one
   * @param embedded whose newest record, or one that came since, has the current embedding
   * @param deleted whose newest record deletes them, and that have no embedding
   * @param deadLettered whose newest record is a dead letter
   * @param waiting that have no end yet
   * @param letters dead letters, repeated ones included
   */
  record Outcome(
      long ids,
      long embedded,
      long deleted,
      long deadLettered,
      long waiting,
      long letters,
      List<String> waitingFor,
      Faults faults) {}

  private record Newest(Source source, boolean deletes) {}

  private final Map<String, Newest> images = new HashMap<>();
  private final Set<Source> keyless = new HashSet<>();
  private final Set<Source> letters = new HashSet<>();
  private final Map<String, Source> embeddings = new HashMap<>();
  private final Map<Integer, Long> read = new HashMap<>();
  private final boolean whole;
  private long lettersRead;

  /**
   * @param whole whether {@code images} still has its first record
   */
  ImageEnds(boolean whole) {
    this.whole = whole;
  }

  /** The next record of a partition; without an id where {@code id} is null. */
  void image(@Nullable String id, Source source, boolean deletes) {
    read.merge(source.partition(), source.offset(), Math::max);
    if (id == null) {
      keyless.add(source);
    } else {
      images.put(id, new Newest(source, deletes));
    }
  }

  /** A dead letter of a record of {@code images}. */
  void deadLetter(Source source) {
    letters.add(source);
    lettersRead++;
  }

  /** The next record of an id on {@code embeddings}; null deletes. */
  void embedding(String id, @Nullable Source source) {
    if (source == null) {
      embeddings.remove(id);
    } else {
      embeddings.put(id, source);
    }
  }

  Outcome outcome() {
    Count count = new Count();
    images.forEach((id, newest) -> count.image(id, newest, embeddings.get(id)));
    keyless.forEach(count::keyless);
    if (whole) {
      embeddings.forEach(count::embedding);
    }
    return new Outcome(
        images.size() + (long) keyless.size(),
        count.embedded,
        count.deleted,
        count.deadLettered,
        count.waiting.count(),
        lettersRead,
        count.waiting.examples(),
        count.faults);
  }

  private final class Count {
    private long embedded;
    private long deleted;
    private long deadLettered;
    private final Faults waiting = new Faults();
    private final Faults faults = new Faults();

    void image(String id, Newest newest, @Nullable Source embedding) {
      Source source = newest.source();
      boolean dead = letters.contains(source);
      boolean current = source.equals(embedding);
      if (embedding != null && embedding.after(source)) {
        embedded++; // sent again after images was read
      } else if (embedding != null && embedding.partition() != source.partition()) {
        faults.add("%s: embedded from %s, its image is %s".formatted(id, embedding, source));
      } else if (dead && current) {
        faults.add("%s: %s has an embedding and a dead letter".formatted(id, source));
      } else if (newest.deletes() && embedding == null) {
        deleted++;
      } else if (dead) {
        deadLettered++;
      } else if (current) {
        embedded++;
      } else {
        waiting.add(
            "%s: %s %s, found %s"
                .formatted(
                    id,
                    newest.deletes() ? "deletion" : "image",
                    source,
                    embedding == null ? "nothing" : "the embedding of " + embedding));
      }
    }

    void keyless(Source source) {
      if (letters.contains(source)) {
        deadLettered++;
      } else {
        waiting.add("a record without a key: " + source);
      }
    }

    void embedding(String id, Source source) {
      boolean seen = source.offset() <= read.getOrDefault(source.partition(), -1L);
      if (seen && !images.containsKey(id)) {
        faults.add("%s: embedded from %s, where no such image is".formatted(id, source));
      }
    }
  }
}
