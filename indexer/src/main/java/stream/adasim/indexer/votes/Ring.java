package stream.adasim.indexer.votes;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.indexer.memory.Neighbour;

/**
 * The votes of one image under one model and one content: an element of {@code votes} is what one
 * visit's search found, nearest first; the oldest vote comes first. {@link RingBytes} says what it
 * looks like in a store.
 *
 * @param last the last visit that was counted; the first one casts no vote
 * @param hubness votes of others that named the image between its last two visits; null where that
 *     isn't known
 */
public record Ring(Visited last, @Nullable Integer hubness, List<List<Neighbour>> votes) {
  /** Candidates are numbered in one byte. */
  public static final int MAX_NEIGHBOURS = 256;

  public Ring {
    votes = List.copyOf(votes);
  }

  /**
   * A visit that was counted.
   *
   * @param modelId the model whose vectors vote
   * @param modelVersion its version at that visit
   * @param fingerprint the content that the votes belong to
   * @param visit its number
   * @param step its training step
   */
  public record Visited(String modelId, long modelVersion, long fingerprint, int visit, long step) {

    /** Whether votes of one count for the other. */
    boolean votesWith(Visited other) {
      return fingerprint == other.fingerprint && modelId.equals(other.modelId);
    }
  }

  /** A ring without votes, after the first visit. */
  public static Ring first(Visited visit) {
    return new Ring(visit, null, List.of());
  }

  /** Whether a visit belongs to this ring's votes: same model and same content. */
  public boolean continues(Visited visit) {
    return last.votesWith(visit);
  }

  /** Whether a visit was counted already. */
  public boolean counted(Visited visit) {
    return last.modelId().equals(visit.modelId()) && visit.visit() <= last.visit();
  }

  /** After a visit that casts no vote. */
  public Ring seen(Visited visit) {
    return new Ring(visit, null, votes);
  }

  /**
   * With one more vote, its similarities as exact as a store keeps them; the oldest leaves where
   * there would be more than {@code most}.
   */
  public Ring with(Visited visit, @Nullable Integer newHubness, List<Neighbour> vote, int most) {
    List<List<Neighbour>> all = new ArrayList<>(votes);
    all.add(
        vote.stream()
            .map(n -> new Neighbour(n.id(), n.fingerprint(), RingBytes.kept(n.similarity())))
            .toList());
    return new Ring(visit, newHubness, all.subList(Math.max(0, all.size() - most), all.size()));
  }

  /** What the votes say about the image, null where there are none yet. */
  public @Nullable Neighbourhood neighbourhood(String id, int topK) {
    if (votes.isEmpty()) {
      return null;
    }
    Tally tally = Tally.of(this);
    List<Neighbour> newest = votes.getLast();
    long fingerprint = last.fingerprint();
    return new Neighbourhood(
        tally.candidates().subList(0, Math.min(topK, tally.candidates().size())),
        votes.size(),
        tally.selfFirst(id, fingerprint),
        tally.selfSimilarity(id, fingerprint),
        !newest.isEmpty() && newest.getFirst().names(id, fingerprint),
        tally.agreement(),
        fingerprint,
        last.visit(),
        last.step(),
        last.modelId(),
        last.modelVersion(),
        hubness);
  }

  public byte[] encode() {
    return RingBytes.encode(this);
  }

  public static Ring decode(byte[] value) {
    return RingBytes.decode(value);
  }
}
