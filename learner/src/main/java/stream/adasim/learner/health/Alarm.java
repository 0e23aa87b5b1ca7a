package stream.adasim.learner.health;

import static java.util.Locale.ROOT;

/**
 * An alarm of the newest mini-epoch.
 *
 * @param figures what it was raised on
 * @param value the figure that is compared
 * @param threshold what it passed
 */
public record Alarm(AlarmKind kind, String figures, double value, double threshold) {
  /** {@code rank-me: 12.1 threshold 14.0 (largest 23.3)}. */
  @Override
  public String toString() {
    return String.format(
        ROOT, "%s: %.4g threshold %.4g (%s)", kind.label(), value, threshold, figures);
  }
}
