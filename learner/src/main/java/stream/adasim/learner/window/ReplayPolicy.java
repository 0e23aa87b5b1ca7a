package stream.adasim.learner.window;

/** Who leaves a window that is full. */
public enum ReplayPolicy {
  /** The oldest arrival: the window follows the stream. */
  FIFO,
  /** Whoever keeps the window an even sample of all that ever came (Vitter 1985). */
  RESERVOIR,
  /**
   * The most redundant image that was trained on: the one nearest to another one (MinRed,
   * Purushwalkam et al. 2022). The oldest where none was.
   */
  MINRED
}
