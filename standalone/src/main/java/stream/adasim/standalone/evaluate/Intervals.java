package stream.adasim.standalone.evaluate;

/** 95 % confidence intervals. */
public final class Intervals {
  private static final double Z = 1.959964;

  /** Student's t, 97.5 % quantile, for 1 to 30 degrees of freedom. */
  private static final double[] T = {
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788,
    2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639,
    2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423
  };

  private Intervals() {}

  /**
   * A figure with its interval.
   *
   * @param value the share or the mean
   * @param low infinite where one observation says nothing about the spread
   */
  public record Interval(double value, double low, double high) {

    /** Whether all of it lies above a figure. */
    public boolean above(double figure) {
      return low > figure;
    }

    /** Whether all of it lies below a figure. */
    public boolean below(double figure) {
      return high < figure;
    }

    /** Whether it is bounded: one observation has no interval. */
    public boolean bounded() {
      return Double.isFinite(low) && Double.isFinite(high);
    }
  }

  /** Wilson's score interval of a share (Wilson 1927). */
  public static Interval wilson(int right, int n) {
    if (n < 1 || right < 0 || right > n) {
      throw new IllegalArgumentException("right=%d must be within 0..n=%d".formatted(right, n));
    }
    double share = (double) right / n;
    double centre = share + Z * Z / (2 * n);
    double spread = Z * Math.sqrt(share * (1 - share) / n + Z * Z / (4.0 * n * n));
    double scale = 1 + Z * Z / n;
    return new Interval(share, (centre - spread) / scale, (centre + spread) / scale);
  }

  /** The interval of a mean of independent observations, by Student's t. */
  public static Interval mean(double[] observations) {
    int n = observations.length;
    if (n == 0) {
      throw new IllegalArgumentException("no observations: expected 1 or more");
    }
    double sum = 0;
    for (double x : observations) {
      sum += x;
    }
    double mean = sum / n;
    if (n == 1) {
      return new Interval(mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    double squares = 0;
    for (double x : observations) {
      squares += (x - mean) * (x - mean);
    }
    double spread = t(n - 1) * Math.sqrt(squares / (n - 1) / n);
    return new Interval(mean, mean - spread, mean + spread);
  }

  private static double t(int freedom) {
    return freedom <= T.length ? T[freedom - 1] : Z + 2.5 / freedom;
  }
}
