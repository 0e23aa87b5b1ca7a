package stream.adasim.learner.adasim;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.learner.window.WindowImage;

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

  /** Whether the votes name an image with the content that it has. */
  boolean name(WindowImage image) {
    for (int c = 0; c < ids.length; c++) {
      if (fingerprints[c] == image.fingerprint() && ids[c].equals(image.id())) {
        return true;
      }
    }
    return false;
  }

  /** Mean similarity per vote to the candidates but the image itself; 0 where there are none. */
  double meanOfOthers(String self) {
    double sum = 0;
    int others = 0;
    for (int c = 0; c < ids.length; c++) {
      if (!ids[c].equals(self)) {
        sum += (double) similarities[c] / votes;
        others++;
      }
    }
    return others == 0 ? 0 : sum / others;
  }

  /**
   * Similarity per vote to the nearest other image that a window holds.
   *
   * @param window finds an image of the window by id
   * @return nothing where it holds none of the candidates, or the votes are of other content
   */
  public OptionalDouble nearestOther(
      WindowImage self, Function<String, @Nullable WindowImage> window) {
    if (fingerprint != self.fingerprint()) {
      return OptionalDouble.empty();
    }
    for (int c = 0; c < ids.length; c++) { // the most similar first
      var held = ids[c].equals(self.id()) ? null : window.apply(ids[c]);
      if (held != null && held.fingerprint() == fingerprints[c]) {
        return OptionalDouble.of((double) similarities[c] / votes);
      }
    }
    return OptionalDouble.empty();
  }
}
