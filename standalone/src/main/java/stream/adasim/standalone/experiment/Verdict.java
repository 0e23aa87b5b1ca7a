package stream.adasim.standalone.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stream.adasim.standalone.evaluate.Intervals.Interval;
import stream.adasim.standalone.picture.Text;

/**
 * What the runs say in words: which arm to take, and what speaks for it. Differences are paired by
 * seed, with Student's 95 % interval; one whose interval holds 0 counts as none.
 */
final class Verdict {
  private final Results results;
  private final double rawPixels;
  private final String beginning;

  /**
   * @param rawPixels accuracy of the pixels themselves
   * @param beginning what the first measurement of each run is of, in words
   */
  Verdict(Results results, double rawPixels, String beginning) {
    this.results = results;
    this.rawPixels = rawPixels;
    this.beginning = beginning;
  }

  /** The sentences, the recommendation first. */
  List<String> sentences() {
    List<Arm> arms = results.arms();
    if (arms.isEmpty()) {
      return List.of("No run has ended yet: there is nothing to recommend.");
    }
    // ORACLE needs labels: it is there to be compared with, not to be taken.
    List<Arm> candidates = arms.stream().filter(arm -> !arm.partner().equals("oracle")).toList();
    List<String> sentences = new ArrayList<>();
    sentences.addAll(recommendation(candidates.isEmpty() ? arms : candidates));
    sentences.addAll(partners(arms));
    sentences.addAll(orders(arms));
    sentences.addAll(floor(arms));
    return sentences;
  }

  private List<String> recommendation(List<Arm> arms) {
    Arm best = best(arms);
    String accuracy = percent(results.accuracy(best));
    if (arms.size() == 1) {
      return List.of(
          "One arm alone (" + best.name() + ", " + accuracy + "): there is nothing to compare.");
    }
    List<Arm> equals = new ArrayList<>();
    List<String> beaten = new ArrayList<>();
    for (Arm arm : arms) {
      Interval difference = arm.equals(best) ? null : results.difference(best, arm);
      if (difference != null && difference.bounded() && difference.above(0)) {
        beaten.add(arm.name() + " by " + points(difference));
      } else if (!arm.equals(best)) {
        equals.add(arm);
      }
    }
    List<String> sentences = new ArrayList<>();
    if (equals.isEmpty()) {
      sentences.add(
          "Recommended: "
              + best.name()
              + ", with "
              + accuracy
              + " right. It beats every other arm.");
    } else {
      equals.add(best);
      Arm cheapest =
          equals.stream().min(Comparator.comparingDouble(arm -> seconds(arm).value())).orElse(best);
      sentences.add(
          "No difference can be shown between the most accurate arm ("
              + best.name()
              + ", "
              + accuracy
              + ") and "
              + others(equals, best)
              + ". Of these, "
              + cheapest.name()
              + " took least time ("
              + Text.number(seconds(cheapest).value(), 0)
              + " s a run): take that, or decide by more seeds or longer runs.");
    }
    if (!beaten.isEmpty()) {
      sentences.add(best.name() + " beats " + String.join("; ", beaten) + ".");
    }
    if (arms.stream().allMatch(arm -> results.of(arm).size() == 1)) {
      sentences.add(
          "There is one seed: nothing is known of chance, so no difference can be shown. Give seeds"
              + " three or more.");
    }
    return sentences;
  }

  private static String others(List<Arm> arms, Arm best) {
    return String.join(
        "; ", arms.stream().filter(arm -> !arm.equals(best)).map(Arm::name).toList());
  }

  /** Whether the setting can rank partners at all, and what they bring over an image's own view. */
  private List<String> partners(List<Arm> arms) {
    List<String> sentences = new ArrayList<>();
    Map<Map<String, String>, Arm> selves = new LinkedHashMap<>();
    arms.stream()
        .filter(arm -> arm.partner().equals("self"))
        .forEach(arm -> selves.putIfAbsent(arm.context(), arm));
    selves.forEach(
        (context, self) -> {
          String where = context.isEmpty() ? "here" : "with " + String.join(", ", context.values());
          oracle(self, where, sentences);
          for (Arm arm : arms) {
            boolean comparable =
                arm.context().equals(context)
                    && !arm.partner().equals("self")
                    && !arm.partner().equals("oracle");
            Interval difference = comparable ? results.difference(arm, self) : null;
            if (difference != null) {
              sentences.add(against(arm, self, difference));
            }
          }
        });
    for (Arm arm : arms) {
      Interval selection = results.meanKnown(arm, Results::selection);
      if (selection != null && arm.partner().equals("adasim")) {
        sentences.add(selection(arm, selection));
      }
    }
    return sentences;
  }

  private void oracle(Arm self, String where, List<String> sentences) {
    @Nullable Arm oracle = results.sibling(self, "oracle");
    Interval difference = oracle == null ? null : results.difference(oracle, self);
    if (difference == null) {
      sentences.add(
          "There is no ORACLE arm beside SELF "
              + where
              + ": whether this setting can rank partners at all isn't known.");
    } else if (difference.bounded() && difference.above(0)) {
      sentences.add(
          "ORACLE beats SELF "
              + where
              + " by "
              + points(difference)
              + ": better partners would show, so partners can be ranked.");
    } else {
      sentences.add(
          "ORACLE doesn't beat SELF "
              + where
              + " ("
              + points(difference)
              + "), so this setting cannot rank partners, whatever the others score: take more"
              + " steps, more data, another network or objective first.");
    }
  }

  private static String against(Arm arm, Arm self, Interval difference) {
    String how =
        !difference.bounded() || (!difference.above(0) && !difference.below(0))
            ? "no difference to " + self.name() + " can be shown"
            : difference.above(0) ? "better than " + self.name() : "worse than " + self.name();
    return arm.name() + ": " + how + " (" + points(difference) + ").";
  }

  private static String selection(Arm arm, Interval selection) {
    String how =
        !selection.bounded() || (!selection.above(0) && !selection.below(0))
            ? "whether the gate selects can't be shown"
            : selection.above(0)
                ? "the gate selects in the right direction"
                : "the gate selects in the wrong direction";
    return arm.name()
        + ": "
        + how
        + " (best other candidate of the right class at an open gate less at a closed one: "
        + points(selection)
        + ").";
  }

  /** What a stream's order costs. */
  private List<String> orders(List<Arm> arms) {
    List<String> sentences = new ArrayList<>();
    for (Arm arm : arms) {
      if (!arm.values().containsKey(Plan.ORDER) || arm.order() == StreamOrder.SHUFFLED) {
        continue;
      }
      Map<String, String> wanted = new LinkedHashMap<>(arm.values());
      wanted.put(Plan.ORDER, StreamOrder.SHUFFLED.text());
      arms.stream()
          .filter(other -> other.values().equals(wanted))
          .findFirst()
          .ifPresent(
              shuffled -> {
                Interval difference = results.difference(arm, shuffled);
                if (difference != null) {
                  sentences.add(against(arm, shuffled, difference));
                }
              });
    }
    return sentences;
  }

  private List<String> floor(List<Arm> arms) {
    List<String> sentences = new ArrayList<>();
    Arm best = best(arms);
    Interval accuracy = results.accuracy(best);
    String raw = Text.percent(rawPixels);
    sentences.add(
        accuracy.bounded() && accuracy.above(rawPixels)
            ? best.name() + " beats the raw pixels (" + raw + ")."
            : "That " + best.name() + " beats the raw pixels (" + raw + ") can't be shown.");
    Interval gain =
        results.mean(best, outcome -> outcome.last().knn() - outcome.points().getFirst().knn());
    sentences.add("Over the " + beginning + " it gains " + points(gain) + ".");
    return sentences;
  }

  private Arm best(List<Arm> arms) {
    return arms.stream()
        .filter(arm -> !arm.partner().equals("oracle"))
        .max(Comparator.comparingDouble(arm -> results.accuracy(arm).value()))
        .orElse(arms.getFirst());
  }

  private Interval seconds(Arm arm) {
    return results.mean(arm, outcome -> outcome.last().seconds());
  }

  private static String percent(Interval share) {
    return share.bounded()
        ? "%s (%s to %s)"
            .formatted(
                Text.percent(share.value()),
                Text.number(100 * share.low(), 1),
                Text.number(100 * share.high(), 1))
        : Text.percent(share.value());
  }

  /** A difference of shares, in points. */
  static String points(Interval difference) {
    String value = signed(difference.value()) + " points";
    return difference.bounded()
        ? value + ", " + signed(difference.low()) + " to " + signed(difference.high())
        : value + ", no interval from one seed";
  }

  private static String signed(double share) {
    return (share < 0 ? "" : "+") + Text.number(100 * share, 1);
  }
}
