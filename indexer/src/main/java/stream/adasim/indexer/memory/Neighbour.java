package stream.adasim.indexer.memory;

import java.util.Comparator;

/** One image that a search found: its id, the content it had then, and how similar it was. */
public record Neighbour(String id, long fingerprint, float similarity) {

  /**
   * Most similar first, equal ones by id, then by fingerprint: a total order over distinct images.
   */
  public static final Comparator<Neighbour> NEAREST_FIRST =
      Comparator.comparingDouble(Neighbour::similarity)
          .reversed()
          .thenComparing(Neighbour::id)
          .thenComparingLong(Neighbour::fingerprint);

  public boolean names(String otherId, long otherFingerprint) {
    return fingerprint == otherFingerprint && id.equals(otherId);
  }
}
