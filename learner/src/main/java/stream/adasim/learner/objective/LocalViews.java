package stream.adasim.learner.objective;

/**
 * Small crops that only the student sees and that are to get the distributions which the teacher
 * gives the two whole views (multi-crop, Caron et al. 2020).
 *
 * @param count of an image, 0 for none
 * @param side in pixels
 */
public record LocalViews(int count, int side) {
  /** There are none. */
  public static final LocalViews NONE = new LocalViews(0, 1);

  public LocalViews {
    if (count < 0 || side < 1) {
      throw new IllegalArgumentException(
          "local views: count=" + count + " must be 0 or more, side=" + side + " 1 or more");
    }
  }
}
