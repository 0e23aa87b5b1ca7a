package stream.adasim.learner.adasim;

/**
 * What keeps few images from being everybody's partner. All off is AdaSim as published.
 *
 * @param usagePenalty lambda: a candidate's logit falls by lambda log(1 + u / mean u), u how often
 *     it was a partner lately ({@link Usage}); 0 for none
 * @param reciprocal whether a candidate must name the image in its own votes, where it has any
 * @param hubCorrection whether similarities are 2 s - r_i - r_j instead of s, r an image's mean
 *     similarity to its own candidates
 * @param mostUses how often an image may be another's partner within a pass; 0 for no limit
 */
public record Diversity(
    double usagePenalty, boolean reciprocal, boolean hubCorrection, int mostUses) {
  public static final Diversity OFF = new Diversity(0, false, false, 0);
}
