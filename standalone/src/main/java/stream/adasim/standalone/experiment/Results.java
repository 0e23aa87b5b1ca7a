package stream.adasim.standalone.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import stream.adasim.standalone.evaluate.Intervals;
import stream.adasim.standalone.evaluate.Intervals.Interval;
import stream.adasim.standalone.experiment.Experiment.Finished;

/** The runs that ran through, arm by arm and seed by seed, and what they say together. */
final class Results {
  private final Map<Arm, Map<Long, Outcome>> whole = new LinkedHashMap<>();
  private final List<Finished> failed = new ArrayList<>();

  Results(List<Finished> runs) {
    for (Finished run : runs) {
      if (run.outcome().failure() == null) {
        whole
            .computeIfAbsent(run.arm(), arm -> new LinkedHashMap<>())
            .put(run.seed(), run.outcome());
      } else {
        failed.add(run);
      }
    }
  }

  /** Arms with at least one whole run. */
  List<Arm> arms() {
    return List.copyOf(whole.keySet());
  }

  /** Runs that ended early. */
  List<Finished> failed() {
    return List.copyOf(failed);
  }

  List<Outcome> of(Arm arm) {
    return List.copyOf(whole.getOrDefault(arm, Map.of()).values());
  }

  /** The mean over seeds with its interval. */
  Interval mean(Arm arm, ToDoubleFunction<Outcome> figure) {
    return Intervals.mean(of(arm).stream().mapToDouble(figure).toArray());
  }

  /** The same of a figure that some runs may lack; null where all do. */
  @Nullable Interval meanKnown(Arm arm, Function<Outcome, @Nullable Double> figure) {
    double[] known =
        of(arm).stream()
            .map(figure)
            .filter(Objects::nonNull)
            .mapToDouble(Double::doubleValue)
            .toArray();
    return known.length == 0 ? null : Intervals.mean(known);
  }

  /** Accuracy at the end. */
  Interval accuracy(Arm arm) {
    return mean(arm, outcome -> outcome.last().knn());
  }

  /**
   * How much more accurate one arm is than another at the end: the mean of the differences at equal
   * seeds; null where no seed is common to both.
   */
  @Nullable Interval difference(Arm one, Arm other) {
    Map<Long, Outcome> others = whole.getOrDefault(other, Map.of());
    List<Double> differences = new ArrayList<>();
    whole
        .getOrDefault(one, Map.of())
        .forEach(
            (seed, outcome) -> {
              Outcome paired = others.get(seed);
              if (paired != null) {
                differences.add(outcome.last().knn() - paired.last().knn());
              }
            });
    return differences.isEmpty()
        ? null
        : Intervals.mean(differences.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** The other arm that differs in the partner alone and takes the given one; null if none does. */
  @Nullable Arm sibling(Arm arm, String partner) {
    return arms().stream()
        .filter(other -> other.partner().equals(partner) && other.context().equals(arm.context()))
        .findFirst()
        .orElse(null);
  }

  /**
   * By how much the best other candidate's label is more often right at an open gate than at a
   * closed one, the mean over a run's measurements, each as heavy as the steps that it speaks of;
   * null where one of both never occurred.
   */
  static @Nullable Double selection(Outcome outcome) {
    return difference(outcome, Point::gatedCandidates, Point::otherCandidates);
  }

  /**
   * By how much it is more often right where it has the image among its own candidates than where
   * it has not, as {@link #selection}.
   */
  static @Nullable Double reciprocity(Outcome outcome) {
    return difference(outcome, Point::reciprocalCandidates, Point::oneSidedCandidates);
  }

  /** One less the other; null where one of both is. */
  static @Nullable Double difference(@Nullable Double one, @Nullable Double other) {
    return one == null || other == null ? null : one - other;
  }

  private static @Nullable Double difference(
      Outcome outcome,
      Function<Point, @Nullable Double> some,
      Function<Point, @Nullable Double> others) {
    double sum = 0;
    long steps = 0;
    long before = 0;
    for (Point point : outcome.points()) {
      Double each = difference(some.apply(point), others.apply(point));
      if (each != null) {
        sum += each * (point.step() - before);
        steps += point.step() - before;
      }
      before = point.step();
    }
    return steps == 0 ? null : sum / steps;
  }
}
