package stream.adasim.indexer.memory;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who may not vote for whom, the image itself always excepted: in streams that resemble video the
 * nearest neighbour is the adjacent frame, which says nothing.
 *
 * @param nearDuplicateCosine candidates at this cosine or above are refused; 0 for none
 * @param sameSourceGap candidates of the same source that were captured less than this apart are
 *     refused; zero for none
 */
public record Exclusions(double nearDuplicateCosine, Duration sameSourceGap) {
  public static final Exclusions NONE = new Exclusions(0, Duration.ZERO);

  /** What the search for one image accepts; null for everything. */
  public @Nullable Acceptance of(String id, String source, Instant capturedAt) {
    if (nearDuplicateCosine == 0 && sameSourceGap.isZero()) {
      return null;
    }
    return (candidate, similarity) -> {
      if (candidate.id().equals(id)) {
        return true;
      }
      boolean duplicate = nearDuplicateCosine > 0 && similarity >= nearDuplicateCosine;
      return !duplicate && !sameMoment(candidate, source, capturedAt);
    };
  }

  private boolean sameMoment(Slot candidate, String source, Instant capturedAt) {
    Duration apart = Duration.between(capturedAt, candidate.capturedAt()).abs();
    return candidate.source().equals(source) && apart.compareTo(sameSourceGap) < 0;
  }
}
