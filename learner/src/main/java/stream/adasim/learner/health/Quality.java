package stream.adasim.learner.health;

/** One number for the latent space, in which the worst part dominates. Pure function. */
final class Quality {
  private Quality() {}

  /**
   * Geometric mean of the self-first share, the vote agreement, RankMe by its largest value and 1 -
   * the hub share, each within 0..1. The hub share is left out where it isn't known; NaN where
   * another part isn't.
   */
  static double of(Indicators indicators) {
    double product =
        clip(indicators.get(Indicator.SELF_FIRST))
            * clip(indicators.get(Indicator.VOTE_AGREEMENT))
            * clip(indicators.get(Indicator.RELATIVE_RANK));
    double hubs = indicators.get(Indicator.HUB_SHARE);
    return Double.isNaN(hubs) ? Math.cbrt(product) : Math.pow(product * clip(1 - hubs), 0.25);
  }

  /** NaN stays NaN. */
  private static double clip(double value) {
    return Math.min(1, Math.max(0, value));
  }
}
