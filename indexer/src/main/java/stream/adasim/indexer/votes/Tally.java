package stream.adasim.indexer.votes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Candidate;
import stream.adasim.indexer.memory.Neighbour;

/**
 * What the votes of a ring add up to: S(c), the sum of the similarities over the votes that name c
 * (AdaSim, tileb1/AdaSim commit d463c28). Sums are taken in single precision from the oldest vote
 * to the newest, so that the same votes give the same bits.
 *
 * @param candidates all that any vote names, largest S first; equal S by id, then by fingerprint.
 *     This order also decides the gate: the image itself has no precedence among equals.
 * @param agreement Jaccard index of the newest two votes; null where there are no two, or both are
 *     empty
 */
public record Tally(List<Candidate> candidates, @Nullable Float agreement) {

  public static Tally of(Ring ring) {
    Map<Content, Candidate> sums = new LinkedHashMap<>();
    for (List<Neighbour> vote : ring.votes()) {
      for (Neighbour n : vote) {
        Candidate sum =
            sums.computeIfAbsent(
                new Content(n.id(), n.fingerprint()),
                c -> new Candidate(c.id(), c.fingerprint(), 0f, 0));
        sum.setSimilarity(sum.getSimilarity() + n.similarity());
        sum.setVotes(sum.getVotes() + 1);
      }
    }
    List<Candidate> candidates = new ArrayList<>(sums.values());
    candidates.sort(
        Comparator.comparingDouble((Candidate c) -> c.getSimilarity())
            .reversed()
            .thenComparing(c -> c.getId())
            .thenComparingLong(c -> c.getFingerprint()));
    return new Tally(List.copyOf(candidates), agreement(ring.votes()));
  }

  /** Whether the image itself has the largest S: the gate. */
  public boolean selfFirst(String id, long fingerprint) {
    return !candidates.isEmpty() && names(candidates.getFirst(), id, fingerprint);
  }

  /** S of the image itself, 0 where no vote names it. */
  public float selfSimilarity(String id, long fingerprint) {
    return candidates.stream()
        .filter(c -> names(c, id, fingerprint))
        .findFirst()
        .map(Candidate::getSimilarity)
        .orElse(0f);
  }

  private static boolean names(Candidate candidate, String id, long fingerprint) {
    return candidate.getFingerprint() == fingerprint && candidate.getId().equals(id);
  }

  private static @Nullable Float agreement(List<List<Neighbour>> votes) {
    if (votes.size() < 2) {
      return null;
    }
    Set<Content> newest = contents(votes.getLast());
    Set<Content> before = contents(votes.get(votes.size() - 2));
    Set<Content> either = new HashSet<>(newest);
    either.addAll(before);
    newest.retainAll(before);
    return either.isEmpty() ? null : (float) newest.size() / either.size();
  }

  private static Set<Content> contents(List<Neighbour> vote) {
    Map<Content, Neighbour> contents = HashMap.newHashMap(vote.size());
    vote.forEach(n -> contents.put(new Content(n.id(), n.fingerprint()), n));
    return contents.keySet();
  }

  private record Content(String id, long fingerprint) {}
}
