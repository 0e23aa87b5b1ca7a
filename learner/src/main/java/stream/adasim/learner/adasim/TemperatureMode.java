package stream.adasim.learner.adasim;

/** Where AdaSim's temperature comes from. */
public enum TemperatureMode {
  /** It stays what it is set to. */
  FIXED,
  /** It goes from one value to another in equal steps, and stays there. */
  SCHEDULED,
  /** The same along half a cosine: slowly at first and at the end. */
  COSINE,
  /**
   * So high that a share of images is bootstrapped that follows the quality of the latent space.
   */
  ADAPTIVE
}
