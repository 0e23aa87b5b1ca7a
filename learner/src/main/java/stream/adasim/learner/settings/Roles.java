package stream.adasim.learner.settings;

/** Which of its two parts a learner runs. */
public enum Roles {
  BOTH,
  EMBED,
  TRAIN;

  public boolean embeds() {
    return this != TRAIN;
  }

  public boolean trains() {
    return this != EMBED;
  }
}
