package stream.adasim.learner.adasim;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.window.WindowImage;

/**
 * Chooses the image that the second view is taken from. AdaSim: where an image comes first in its
 * own accumulated votes (the gate; {@link Gate#MUTUAL} asks for more), the partner j is drawn from
 * its k candidates c with
 *
 * <pre>p(c) = softmax( S(c) / m / temperature )</pre>
 *
 * <p>S(c) the sum of c's similarities over the m votes of the image; everywhere else j is the image
 * itself. The rule is that of AdaSim's published code (tileb1/AdaSim, d463c28), with m for its
 * constant number of votes V. A candidate that left the window, or whose content was replaced since
 * it was voted for, can't be drawn, but it counted when the gate was decided. Not thread-safe.
 */
public final class PartnerChooser {
  private final PartnerPolicy policy;
  private final int minVotes;
  private final Gate gate;
  private final Diversity diversity;
  private final Usage usage;

  /**
   * @param minVotes votes that an image needs before its gate may open, at least 1
   * @param gate what else its gate asks for
   * @param usage told of every partner; read where diversity asks for it
   */
  public PartnerChooser(
      PartnerPolicy policy, int minVotes, Gate gate, Diversity diversity, Usage usage) {
    if (minVotes < 1) {
      throw new IllegalArgumentException("minVotes=%d must be at least 1".formatted(minVotes));
    }
    this.policy = policy;
    this.minVotes = minVotes;
    this.gate = gate;
    this.diversity = diversity;
    this.usage = usage;
  }

  /**
   * Chooses the partner of one image. Takes at most one number from {@code random}, and none where
   * nothing is left to chance: policies SELF and NEAREST, a closed gate, temperature 0, no
   * candidate but the image itself.
   *
   * @param votes the newest votes of the image, if there are any; those of other content under the
   *     same id are ignored
   * @param temperature at least 0; at 0 the partner is the image itself, and infinite is a uniform
   *     choice
   */
  public Choice choose(
      WindowImage image,
      @Nullable Votes votes,
      Peers peers,
      double temperature,
      RandomGenerator random) {
    if (!(temperature >= 0)) {
      throw new IllegalArgumentException(
          "A temperature of %s, expected 0 or more".formatted(temperature));
    }
    var own = votes == null || votes.fingerprint != image.fingerprint() ? null : votes;
    var partner =
        switch (policy) {
          case SELF -> image;
          case NEAREST -> {
            var other = own == null ? null : nearest(image, own, peers);
            yield other == null ? image : other;
          }
          case ADASIM, ADASIM_NO_GATE -> {
            var candidates = temperature > 0 ? candidates(image, own, peers) : null;
            yield candidates == null ? image : candidates.draw(temperature, random);
          }
          case RANDOM -> other(image, peers.all(), random);
          case ORACLE ->
              image.label() == null ? image : other(image, peers.labelled(image.label()), random);
        };
    var bootstrapped = !partner.id().equals(image.id());
    if (bootstrapped) {
      usage.used(partner.id());
    }
    return new Choice(partner, gateOpen(image, votes, peers), bootstrapped);
  }

  /** The image as its own partner, whatever the policy is; its gate is measured all the same. */
  public Choice alone(WindowImage image, @Nullable Votes votes, Peers peers) {
    return new Choice(image, gateOpen(image, votes, peers), false);
  }

  private boolean gateOpen(WindowImage image, @Nullable Votes votes, Peers peers) {
    return votes != null
        && enough(image, votes)
        && votes.selfFirst
        && (gate == Gate.SELF || namedBack(image, votes, peers));
  }

  private boolean enough(WindowImage image, Votes votes) {
    return votes.fingerprint == image.fingerprint() && votes.votes >= minVotes;
  }

  private static boolean namedBack(WindowImage image, Votes votes, Peers peers) {
    var other = nearest(image, votes, peers);
    if (other == null) {
      return false;
    }
    var own = peers.votes(other.id());
    return own != null && own.fingerprint == other.fingerprint() && own.name(image);
  }

  /**
   * The candidates of an image whose partner would be drawn, or null where it wouldn't be.
   *
   * @param votes of the image, as for {@link #choose}
   */
  public @Nullable Candidates candidates(WindowImage image, @Nullable Votes votes, Peers peers) {
    if (votes == null || !enough(image, votes)) {
      return null;
    }
    return policy == PartnerPolicy.ADASIM_NO_GATE || gateOpen(image, votes, peers)
        ? new Candidates(image, votes, peers, diversity, usage)
        : null;
  }

  /**
   * Another image than this one, evenly; itself where there is none.
   *
   * @param among images of the window, this one among them
   */
  private static WindowImage other(
      WindowImage image, List<WindowImage> among, RandomGenerator random) {
    int others = among.size() - 1;
    if (others < 1) {
      return image;
    }
    var drawn = among.get(random.nextInt(others));
    return drawn.id().equals(image.id()) ? among.getLast() : drawn;
  }

  /** The nearest other candidate that the window holds as it was voted for, or null. */
  private static @Nullable WindowImage nearest(WindowImage image, Votes votes, Peers peers) {
    for (int c = 0; c < votes.ids.length; c++) {
      var candidate = Candidates.image(image, votes, c, peers);
      if (candidate != null && !candidate.id().equals(image.id())) {
        return candidate;
      }
    }
    return null;
  }
}
