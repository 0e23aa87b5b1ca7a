package stream.adasim.learner.health;

import java.util.Arrays;

/** How unevenly votes name images (Radovanovic et al. 2010). Pure functions. */
final class Hubs {
  /** Fewer images have no top 1 %. */
  static final int LEAST_IMAGES = 100;

  private Hubs() {}

  /**
   * Share of the top 1 %, skewness and share of those never named; none of them where too few
   * images are known or no vote named any.
   *
   * @param named how many votes named each image
   */
  static void measure(int[] named, Indicators into) {
    int n = named.length;
    double sum = Arrays.stream(named).asDoubleStream().sum();
    if (n < LEAST_IMAGES || sum == 0) {
      return;
    }
    int[] sorted = named.clone();
    Arrays.sort(sorted);
    double top = 0;
    for (int i = n - n / 100; i < n; i++) {
      top += sorted[i];
    }
    double mean = sum / n;
    double squares = 0;
    double cubes = 0;
    int never = 0;
    for (int count : named) {
      double deviation = count - mean;
      squares += deviation * deviation;
      cubes += deviation * deviation * deviation;
      never += count == 0 ? 1 : 0;
    }
    double variance = squares / n;
    into.set(Indicator.HUB_SHARE, top / sum);
    into.set(
        Indicator.HUB_SKEWNESS, variance == 0 ? 0 : cubes / n / (variance * Math.sqrt(variance)));
    into.set(Indicator.NEVER_NAMED, (double) never / n);
  }
}
