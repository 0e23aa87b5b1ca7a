package stream.adasim.indexer.memory;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

  /** The k nearest of some that may name an image twice, in the order {@link #NEAREST_FIRST}. */
  public static List<Neighbour> nearest(Collection<Neighbour> some, int k) {
    Set<String> seen = new HashSet<>();
    return some.stream()
        .sorted(NEAREST_FIRST)
        .filter(neighbour -> seen.add(neighbour.id()))
        .limit(k)
        .toList();
  }

  public boolean names(String otherId, long otherFingerprint) {
    return fingerprint == otherFingerprint && id.equals(otherId);
  }
}
