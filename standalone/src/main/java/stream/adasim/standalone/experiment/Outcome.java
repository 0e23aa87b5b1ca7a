package stream.adasim.standalone.experiment;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a finished run came to.
 *
 * @param points its measurements, the untrained network first
 * @param failure why it ended early, such as a loss that is not finite; null for a whole run
 */
public record Outcome(List<Point> points, @Nullable String failure) {
  public Outcome {
    points = List.copyOf(points);
  }

  Point last() {
    return points.getLast();
  }

  /**
   * Forgetting (Chaudhry et al. 2018): how much worse a class is at the end than it was at its
   * best, the mean over classes; within 0..1.
   */
  double forgetting() {
    double sum = 0;
    int classes = 0;
    for (int c = 0; c < last().classes().size(); c++) {
      Double end = last().classes().get(c);
      if (end != null) {
        double best = end;
        for (Point point : points.subList(1, points.size())) {
          Double then = point.classes().get(c);
          best = Math.max(best, then == null ? best : then);
        }
        sum += best - end;
        classes++;
      }
    }
    return classes == 0 ? 0 : sum / classes;
  }
}
