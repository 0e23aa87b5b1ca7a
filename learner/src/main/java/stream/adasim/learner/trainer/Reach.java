package stream.adasim.learner.trainer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether images stay in the window for long enough to gather the votes that their partners are
 * chosen by; warns once where they don't.
 */
final class Reach {
  private static final Logger log = LoggerFactory.getLogger(Reach.class);
  private static final int ENOUGH = 256;
  private static final double MOST_SHORT = 0.9;

  private final int needed;
  private long left;
  private long tooShort;
  private long visits;
  private boolean warned;

  /**
   * @param minVotes votes that an image needs; its first visit casts none
   */
  Reach(int minVotes) {
    needed = minVotes + 1;
  }

  /** Notes that an image left the window after so many visits of its content. */
  void left(int visitsOfContent) {
    left++;
    visits += visitsOfContent;
    tooShort += visitsOfContent < needed ? 1 : 0;
    if (!warned && left >= ENOUGH && tooShort > MOST_SHORT * left) {
      warned = true;
      log.warn(
          "event=partners.out-of-reach left={} visits={} needed={}: images leave the window after"
              + " {} visits on average, and need {} before AdaSim chooses a partner for them, so that"
              + " training is plain self-distillation; raise window.images, lower train.min-votes, or"
              + " send fewer images per second",
          left,
          visits,
          needed,
          "%.1f".formatted((double) visits / left),
          needed);
    }
  }

  boolean warned() {
    return warned;
  }
}
