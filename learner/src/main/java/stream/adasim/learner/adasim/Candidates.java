package stream.adasim.learner.adasim;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.window.WindowImage;

/**
 * The candidates of one image that may be its partner now, the image itself among them where its
 * votes name it, with the values that are divided by the temperature.
 */
public final class Candidates {
  private final WindowImage self;
  private final WindowImage[] images;
  private final double[] values; // S / m, or what hub correction makes of it
  private final double[] penalties; // taken off after the division
  private final int count;
  private double best = Double.NEGATIVE_INFINITY;

  Candidates(WindowImage self, Votes votes, Peers peers, Diversity diversity, Usage usage) {
    this.self = self;
    images = new WindowImage[votes.ids.length];
    values = new double[images.length];
    penalties = new double[images.length];
    var window = diversity.usagePenalty() > 0 ? peers.all().size() : 0;
    int kept = 0;
    for (int c = 0; c < images.length; c++) {
      var candidate = image(self, votes, c, peers);
      if (candidate == null || !allowed(candidate, peers, diversity, usage)) {
        continue;
      }
      images[kept] = candidate;
      values[kept] = value(votes, c, candidate, peers, diversity);
      penalties[kept] =
          diversity.usagePenalty() > 0
              ? diversity.usagePenalty() * Math.log1p(usage.relative(candidate.id(), window))
              : 0;
      best = Math.max(best, values[kept]);
      kept++;
    }
    count = kept;
  }

  /** The image of candidate c, or null where it may not be a partner any more. */
  static @Nullable WindowImage image(WindowImage self, Votes votes, int c, Peers peers) {
    if (votes.ids[c].equals(self.id())) {
      return self; // its content was compared already, and it may be gone from the window by now
    }
    var held = peers.get(votes.ids[c]);
    return held == null || held.fingerprint() != votes.fingerprints[c] ? null : held;
  }

  private boolean isSelf(WindowImage image) {
    return image.id().equals(self.id());
  }

  private boolean allowed(WindowImage candidate, Peers peers, Diversity diversity, Usage usage) {
    if (isSelf(candidate)) {
      return true;
    }
    if (diversity.mostUses() > 0 && usage.inPass(candidate.id()) >= diversity.mostUses()) {
      return false;
    }
    if (!diversity.reciprocal()) {
      return true;
    }
    var own = peers.votes(candidate.id());
    return own == null || own.name(self);
  }

  private double value(
      Votes votes, int c, WindowImage candidate, Peers peers, Diversity diversity) {
    double value = (double) votes.similarities[c] / votes.votes; // S / m
    if (!diversity.hubCorrection()) {
      return value;
    }
    double here = votes.meanOfOthers(self.id());
    var own = isSelf(candidate) ? votes : peers.votes(candidate.id());
    // Where the candidate has no votes yet, it is taken to be as crowded as the image.
    double there = own == null ? here : own.meanOfOthers(candidate.id());
    return 2 * value - here - there;
  }

  /** Draws one with p = softmax(value / temperature - penalty); itself where it is alone. */
  WindowImage draw(double temperature, RandomGenerator random) {
    if (count < 2) {
      return count == 1 ? images[0] : self;
    }
    var cumulative = new double[count];
    var sum = 0.0;
    for (int c = 0; c < count; c++) {
      sum += weight(c, temperature);
      cumulative[c] = sum;
    }
    var drawn = random.nextDouble() * sum;
    int chosen = 0;
    while (chosen < count - 1 && drawn >= cumulative[chosen]) {
      chosen++;
    }
    return images[chosen];
  }

  /** How likely another image would be drawn. */
  double bootstrapped(double temperature) {
    var sum = 0.0;
    var others = 0.0;
    for (int c = 0; c < count; c++) {
      var weight = weight(c, temperature);
      sum += weight;
      others += isSelf(images[c]) ? 0 : weight;
    }
    return sum == 0 ? 0 : others / sum;
  }

  private double weight(int c, double temperature) {
    // the difference first: a tiny temperature then gives exp(-infinity) = 0, never a NaN
    return Math.exp((values[c] - best) / temperature - penalties[c]);
  }
}
