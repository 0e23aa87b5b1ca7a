package stream.adasim.learner.settings;

/** Which views of an image feed the memory and its votes (ALGORITHM, section 2.2). */
public enum VoteViews {
  /** The training view, as in the official code: stored and searched with. */
  FAITHFUL,
  /** The clean view: stored and searched with. */
  CLEAN,
  /** The clean view is stored; a weakly augmented one searches. */
  WEAK
}
