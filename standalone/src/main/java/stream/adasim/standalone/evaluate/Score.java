package stream.adasim.standalone.evaluate;

import stream.adasim.standalone.evaluate.Intervals.Interval;

/**
 * One measure of accuracy, within 0..1, with its 95 % interval: Wilson's over the held-out images,
 * or Student's over seeds where labels were drawn.
 *
 * @param measure such as {@code knn20}
 * @param title for people
 * @param runs how many draws of labels it is the mean of; 1 where none were drawn
 */
public record Score(String measure, String title, double value, double low, double high, int runs) {

  static Score of(String measure, String title, int[] found, int[] labels) {
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += found[i] == labels[i] ? 1 : 0;
    }
    Interval interval = Intervals.wilson(right, labels.length);
    return new Score(measure, title, interval.value(), interval.low(), interval.high(), 1);
  }

  static Score over(String measure, String title, double[] accuracies) {
    Interval interval = Intervals.mean(accuracies);
    return new Score(
        measure,
        title,
        interval.value(),
        Math.max(0, interval.low()),
        Math.min(1, interval.high()),
        accuracies.length);
  }
}
