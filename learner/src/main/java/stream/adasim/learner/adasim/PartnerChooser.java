package stream.adasim.learner.adasim;

import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.window.WindowImage;

/**
 * Chooses the image that the second view is taken from. AdaSim: where an image comes first in its
 * own accumulated votes (the gate), the partner j is drawn from its k candidates c with
 *
 * <pre>p(c) = softmax( S(c) / m / temperature )</pre>
 *
 * <p>S(c) the sum of c's similarities over the m votes of the image; everywhere else j is the image
 * itself. The rule is that of AdaSim's published code (tileb1/AdaSim, d463c28), with m for its
 * constant number of votes V. A candidate that left the window, or whose content was replaced since
 * it was voted for, can't be drawn, but it counted when the gate was decided. Immutable and
 * thread-safe.
 */
public final class PartnerChooser {
  private final PartnerPolicy policy;
  private final int minVotes;

  /**
   * @param minVotes votes that an image needs before its gate may open, at least 1
   */
  public PartnerChooser(PartnerPolicy policy, int minVotes) {
    if (minVotes < 1) {
      throw new IllegalArgumentException("minVotes=%d must be at least 1".formatted(minVotes));
    }
    this.policy = policy;
    this.minVotes = minVotes;
  }

  /**
   * Chooses the partner of one image. Takes at most one number from {@code random}, and none where
   * nothing is left to chance: another policy than ADASIM, a closed gate, temperature 0, no
   * candidate but the image itself.
   *
   * @param votes the newest votes of the image, if there are any; those of other content under the
   *     same id are ignored
   * @param window finds an image of the window by id
   * @param temperature at least 0; at 0 the partner is the image itself, and infinite is a uniform
   *     choice
   */
  public Choice choose(
      WindowImage image,
      @Nullable Votes votes,
      Function<String, @Nullable WindowImage> window,
      double temperature,
      RandomGenerator random) {
    if (!(temperature >= 0)) {
      throw new IllegalArgumentException(
          "A temperature of %s, expected 0 or more".formatted(temperature));
    }
    if (votes == null || votes.fingerprint != image.fingerprint()) {
      return new Choice(image, false, false);
    }
    var gateOpen = votes.votes >= minVotes && votes.selfFirst;
    var partner =
        switch (policy) {
          case SELF -> image;
          case NEAREST -> nearest(image, votes, window);
          case ADASIM ->
              gateOpen && temperature > 0
                  ? sample(image, votes, window, temperature, random)
                  : image;
        };
    return new Choice(partner, gateOpen, !partner.id().equals(image.id()));
  }

  private static WindowImage nearest(
      WindowImage image, Votes votes, Function<String, @Nullable WindowImage> window) {
    for (int c = 0; c < votes.ids.length; c++) {
      var candidate = candidate(image, votes, c, window);
      if (candidate != null && !candidate.id().equals(image.id())) {
        return candidate;
      }
    }
    return image;
  }

  private static WindowImage sample(
      WindowImage image,
      Votes votes,
      Function<String, @Nullable WindowImage> window,
      double temperature,
      RandomGenerator random) {
    var candidates = new WindowImage[votes.ids.length];
    int count = 0;
    var best = Double.NEGATIVE_INFINITY;
    var similarities = new double[candidates.length];
    for (int c = 0; c < votes.ids.length; c++) {
      var candidate = candidate(image, votes, c, window);
      if (candidate != null) {
        candidates[count] = candidate;
        similarities[count] = (double) votes.similarities[c] / votes.votes; // S / m
        best = Math.max(best, similarities[count]);
        count++;
      }
    }
    if (count < 2) {
      return image;
    }
    var cumulative = new double[count];
    var sum = 0.0;
    for (int c = 0; c < count; c++) {
      // the difference first: a tiny temperature then gives exp(-infinity) = 0, never a NaN
      sum += Math.exp((similarities[c] - best) / temperature);
      cumulative[c] = sum;
    }
    var drawn = random.nextDouble() * sum;
    int chosen = 0;
    while (chosen < count - 1 && drawn >= cumulative[chosen]) {
      chosen++;
    }
    return candidates[chosen];
  }

  /** The image of candidate c, or null where it may not be a partner any more. */
  private static @Nullable WindowImage candidate(
      WindowImage image, Votes votes, int c, Function<String, @Nullable WindowImage> window) {
    if (votes.ids[c].equals(image.id())) {
      return image; // its content was compared already, and it may be gone from the window by now
    }
    var held = window.apply(votes.ids[c]);
    return held == null || held.fingerprint() != votes.fingerprints[c] ? null : held;
  }
}
