package stream.adasim.learner.adasim;

import java.util.List;
import java.util.function.UnaryOperator;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;

/**
 * The accumulated votes of one image, largest similarity first: a {@link Neighbourhood} without
 * what partner choice doesn't need.
 */
public final class Votes {
  final String[] ids;
  final long[] fingerprints;
  final float[] similarities; // sums over the votes, not yet divided by their number
  final int votes;
  final boolean selfFirst;
  final long fingerprint;
  final int visit;

  private Votes(Neighbourhood from, UnaryOperator<String> intern) {
    List<Candidate> candidates = from.getCandidates();
    ids = new String[candidates.size()];
    fingerprints = new long[ids.length];
    similarities = new float[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = intern.apply(candidates.get(i).getId());
      fingerprints[i] = candidates.get(i).getFingerprint();
      similarities[i] = candidates.get(i).getSimilarity();
    }
    votes = from.getVotes();
    selfFirst = from.getSelfFirst();
    fingerprint = from.getFingerprint();
    visit = from.getVisit();
  }

  /**
   * The votes of a published neighbourhood.
   *
   * @param id the image that it belongs to, for the message
   * @throws IllegalArgumentException where a similarity is not finite: the network or the memory is
   *     broken, and training on would hide it
   */
  public static Votes of(String id, Neighbourhood neighbourhood) {
    return of(id, neighbourhood, UnaryOperator.identity());
  }

  /** The same, with candidates' ids passed through {@code intern} to share equal strings. */
  static Votes of(String id, Neighbourhood neighbourhood, UnaryOperator<String> intern) {
    var votes = new Votes(neighbourhood, intern);
    for (float similarity : votes.similarities) {
      if (!Float.isFinite(similarity)) {
        throw new IllegalArgumentException(
            "The neighbourhood of image %s, visit %d, model %s, has a similarity of %s, expected a"
                    .formatted(id, votes.visit, neighbourhood.getModelId(), similarity)
                + " finite number: stop the indexer and look at what it stored");
      }
    }
    return votes;
  }
}
