package stream.adasim.standalone.audit;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;

/**
 * Counts the visits of {@code representations} as the memory must (ALGORITHM: one vote per visit
 * from the second on, at most {@code votes}; visits that repeat a number, and those of deleted
 * images, don't count) and compares with {@code neighbours}. Takes {@code neighbours} first: each
 * neighbourhood must be a state that the replay comes through. Not thread-safe.
 */
final class VisitReplay {
  /**
   * What was found.
   *
   * @param visits read
   * @param repeated that had been counted before
   * @param neighbourhoods current ones on {@code neighbours}
   * @param agreeing that are what their visits make them
   * @param left whose image had left the memory meanwhile and begun anew
   * @param underWay images with a visit that isn't counted yet
   */
  record Outcome(
      long visits,
      long repeated,
      long neighbourhoods,
      long agreeing,
      long left,
      long underWay,
      Faults faults) {}

  private static final class Image {
    @Nullable String model;
    long fingerprint;
    int visit;
    int votes;
    long deleted = -1;
    boolean met;
  }

  private final Map<String, Neighbourhood> expected = new HashMap<>();
  private final Map<String, Image> images = new HashMap<>();
  private final Map<Integer, Long> versions = new HashMap<>();
  private final Set<String> visited = new HashSet<>();
  private final Faults faults = new Faults();
  private final int votes;
  private final int capacity;
  private final boolean whole;
  private long visits;
  private long repeated;
  private long agreeing;
  private long left;

  /**
   * @param votes that a ring holds at most
   * @param capacity images that are surely in the memory together
   * @param whole whether {@code representations} still has its first record
   */
  VisitReplay(int votes, int capacity, boolean whole) {
    this.votes = votes;
    this.capacity = capacity;
    this.whole = whole;
  }

  /** The next record of an id on {@code neighbours}; null deletes. */
  void neighbourhood(String id, @Nullable Neighbourhood neighbourhood) {
    if (neighbourhood == null) {
      expected.remove(id);
    } else {
      expected.put(id, neighbourhood);
    }
  }

  /** The next record of a partition of {@code representations}. */
  void representation(int partition, String id, Representation value) {
    switch (value.getKind()) {
      case ARRIVAL -> {}
      case DELETION -> delete(id, value.getSourceOffset());
      case VISIT -> visit(partition, id, value);
    }
  }

  private void delete(String id, long sourceOffset) {
    Image image = images.computeIfAbsent(id, name -> new Image());
    image.deleted = Math.max(image.deleted, sourceOffset);
    image.model = null;
    image.votes = 0;
  }

  private void visit(int partition, String id, Representation value) {
    visits++;
    visited.add(id);
    Long before = versions.put(partition, value.getModelVersion());
    if (before != null && before > value.getModelVersion()) {
      faults.add(
          "visits of partition %d go back from model version %d to %d (%s, step %d)"
              .formatted(partition, before, value.getModelVersion(), id, value.getStep()));
    }
    Image image = images.computeIfAbsent(id, name -> new Image());
    if (value.getSourceOffset() <= image.deleted) {
      return;
    }
    boolean sameModel = value.getModelId().equals(image.model);
    if (sameModel && value.getVisit() <= image.visit) {
      repeated++;
      return;
    }
    boolean goesOn = sameModel && value.getFingerprint() == image.fingerprint;
    image.votes = goesOn ? Math.min(votes, image.votes + 1) : 0;
    image.model = value.getModelId();
    image.fingerprint = value.getFingerprint();
    image.visit = value.getVisit();
    Neighbourhood found = expected.get(id);
    if (found != null && describes(found, image)) {
      image.met = true;
      compare(id, found, image);
    }
  }

  private static boolean describes(Neighbourhood found, Image image) {
    return found.getVisit() == image.visit
        && found.getFingerprint() == image.fingerprint
        && found.getModelId().equals(image.model);
  }

  private void compare(String id, Neighbourhood found, Image image) {
    if (found.getVotes() == image.votes) {
      agreeing++;
    } else if (found.getVotes() < image.votes && visited.size() > capacity) {
      left++;
    } else if (whole) {
      faults.add(
          "%s, visit %d: %d votes, its visits make %d"
              .formatted(id, image.visit, found.getVotes(), image.votes));
    }
  }

  Outcome outcome() {
    long underWay = 0;
    for (Map.Entry<String, Neighbourhood> entry : expected.entrySet()) {
      Image image = images.get(entry.getKey());
      if (whole && (image == null || !image.met)) {
        faults.add(
            "%s: a neighbourhood after visit %d, which nobody made"
                .formatted(entry.getKey(), entry.getValue().getVisit()));
      }
      if (image != null && image.visit > requireNonNull(entry.getValue()).getVisit()) {
        underWay++;
      }
    }
    return new Outcome(visits, repeated, expected.size(), agreeing, left, underWay, faults);
  }
}
