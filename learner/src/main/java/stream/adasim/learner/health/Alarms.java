package stream.adasim.learner.health;

import static java.util.Locale.ROOT;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares each mini-epoch with thresholds and with what was before. Nothing is raised until {@link
 * #ARM_AFTER} mini-epochs are over after training has settled: at the start a loss of ln K is
 * normal, and a rank or spread that falls below that of random weights. What is not known raises
 * nothing. Not thread-safe.
 */
final class Alarms {
  static final int ARM_AFTER = 3;

  /**
   * Loss and teacher's entropy, by ln K. A collapse pins both there; a teacher that is only slow to
   * decide stays at 0.98 for hundreds of steps.
   */
  static final double UNIFORM = 0.99;

  /** Entropy of the batch's mean distribution, by ln K. */
  static final double ONE_MODE = 0.2;

  /** Teacher's entropy, by ln K, that counts as none; then Hm may not fall to half. */
  static final double NO_ENTROPY = 0.02;

  static final double MODES_LEFT = 0.5;

  /** Standard deviation of features, by that of the first mini-epoch. */
  static final double STD = 0.5;

  /** RankMe, by its largest value since training has settled. */
  static final double RANK = 0.6;

  /**
   * What stays of the largest RankMe per mini-epoch: a lasting change of the stream is no alarm.
   */
  static final double RANK_KEPT = 0.98;

  /** Mean cosine, if it is also no lower than in the first mini-epoch. */
  static final double COSINE = 0.95;

  /** Uniformity, if it is also no lower than in the first mini-epoch. */
  static final double UNIFORMITY = -0.1;

  /** Self-first share and agreement, by their moving average where that is above the least. */
  static final double RETRIEVAL = 0.7;

  static final double LEAST_RETRIEVAL = 0.1;

  /** Votes that name the top 1 % of the images. */
  static final double HUBS = 0.2;

  /** Over three mini-epochs in a row: rise of b, and what is left of RankMe. */
  static final double SPIRAL_RISE = 0.05;

  static final double SPIRAL_RANK = 0.9;
  private static final int SPIRAL_LENGTH = 4;

  private int miniEpochs;
  private int settled;
  private double firstStd = Double.NaN;
  private double firstCosine = Double.NaN;
  private double firstUniformity = Double.NaN;
  private double largestRank = Double.NaN;
  private double largestModes = Double.NaN;
  private final Average selfFirst = new Average();
  private final Average agreement = new Average();
  private final List<double[]> spiral = new ArrayList<>(); // b and RankMe, the oldest first

  /** Mini-epochs compared. */
  int miniEpochs() {
    return miniEpochs;
  }

  boolean armed() {
    return settled >= ARM_AFTER;
  }

  /**
   * Takes the next mini-epoch and fills in its relative rank and quality.
   *
   * @param settling whether training has only begun
   * @param maxEntropy ln K, or NaN without prototypes
   */
  List<Alarm> check(Indicators now, boolean settling, double maxEntropy) {
    if (miniEpochs++ == 0) {
      firstStd = now.get(Indicator.FEATURE_STD);
      firstCosine = now.get(Indicator.MEAN_COSINE);
      firstUniformity = now.get(Indicator.UNIFORMITY);
    }
    double rank = now.get(Indicator.RANK_ME);
    if (!settling) {
      settled++;
      largestRank = larger(rank, RANK_KEPT * largestRank);
      largestModes = larger(now.get(Indicator.BATCH_ENTROPY), largestModes);
    }
    now.set(Indicator.RELATIVE_RANK, rank / largestRank);
    now.set(Indicator.QUALITY, Quality.of(now));
    spiral.add(new double[] {now.get(Indicator.BOOTSTRAPPED), rank});
    if (spiral.size() > SPIRAL_LENGTH) {
      spiral.removeFirst();
    }
    List<Alarm> alarms = new ArrayList<>();
    if (armed()) {
      prototypes(now, maxEntropy, alarms);
      features(now, alarms);
      neighbours(now, alarms);
    }
    selfFirst.add(now.get(Indicator.SELF_FIRST));
    agreement.add(now.get(Indicator.VOTE_AGREEMENT));
    return alarms;
  }

  private static double larger(double value, double other) {
    return Double.isNaN(other) || value > other ? value : other;
  }

  private void prototypes(Indicators now, double maxEntropy, List<Alarm> alarms) {
    double loss = now.get(Indicator.LOSS);
    double teacher = now.get(Indicator.TEACHER_ENTROPY);
    double modes = now.get(Indicator.BATCH_ENTROPY);
    String figures =
        String.format(
            ROOT, "loss %.3f Hs %.3f Hm %.3f ln K %.3f", loss, teacher, modes, maxEntropy);
    double uniform = UNIFORM * maxEntropy;
    if (loss > uniform && teacher > uniform) {
      alarms.add(new Alarm(AlarmKind.UNIFORM_COLLAPSE, figures, teacher, uniform));
    }
    if (modes < ONE_MODE * maxEntropy) {
      alarms.add(new Alarm(AlarmKind.ONE_MODE_COLLAPSE, figures, modes, ONE_MODE * maxEntropy));
    } else if (teacher < NO_ENTROPY * maxEntropy && modes < MODES_LEFT * largestModes) {
      alarms.add(new Alarm(AlarmKind.ONE_MODE_COLLAPSE, figures, modes, MODES_LEFT * largestModes));
    }
  }

  private void features(Indicators now, List<Alarm> alarms) {
    double std = now.get(Indicator.FEATURE_STD);
    if (std < STD * firstStd) {
      alarms.add(new Alarm(AlarmKind.FEATURE_STD, first(firstStd), std, STD * firstStd));
    }
    double rank = now.get(Indicator.RANK_ME);
    if (rank < RANK * largestRank) {
      String figures = String.format(ROOT, "largest %.4g", largestRank);
      alarms.add(new Alarm(AlarmKind.RANK_ME, figures, rank, RANK * largestRank));
    }
    double cosine = now.get(Indicator.MEAN_COSINE);
    if (cosine > COSINE && cosine >= firstCosine) {
      alarms.add(new Alarm(AlarmKind.MEAN_COSINE, first(firstCosine), cosine, COSINE));
    }
    double uniformity = now.get(Indicator.UNIFORMITY);
    if (uniformity > UNIFORMITY && uniformity >= firstUniformity) {
      alarms.add(new Alarm(AlarmKind.UNIFORMITY, first(firstUniformity), uniformity, UNIFORMITY));
    }
  }

  private static String first(double value) {
    return String.format(ROOT, "at first %.4g", value);
  }

  private void neighbours(Indicators now, List<Alarm> alarms) {
    if (!fell(now.get(Indicator.SELF_FIRST), selfFirst, "self-first", alarms)) {
      fell(now.get(Indicator.VOTE_AGREEMENT), agreement, "agreement", alarms);
    }
    double hubs = now.get(Indicator.HUB_SHARE);
    if (hubs > HUBS) {
      String figures = String.format(ROOT, "skewness %.3g", now.get(Indicator.HUB_SKEWNESS));
      alarms.add(new Alarm(AlarmKind.HUBS, figures, hubs, HUBS));
    }
    if (spiral.size() == SPIRAL_LENGTH && spirals()) {
      double[] then = spiral.getFirst();
      double[] last = spiral.getLast();
      String figures =
          String.format(ROOT, "bootstrapped %.3f to %.3f, RankMe %.4g", then[0], last[0], then[1]);
      alarms.add(new Alarm(AlarmKind.PARTNER_SPIRAL, figures, last[1], SPIRAL_RANK * then[1]));
    }
  }

  private static boolean fell(double value, Average average, String name, List<Alarm> alarms) {
    double usual = average.value();
    boolean fell = usual >= LEAST_RETRIEVAL && value < RETRIEVAL * usual;
    if (fell) {
      String figures = String.format(ROOT, "%s, usually %.3f", name, usual);
      alarms.add(new Alarm(AlarmKind.RETRIEVAL, figures, value, RETRIEVAL * usual));
    }
    return fell;
  }

  private boolean spirals() {
    for (int i = 1; i < SPIRAL_LENGTH; i++) {
      if (!(spiral.get(i)[0] > spiral.get(i - 1)[0] && spiral.get(i)[1] < spiral.get(i - 1)[1])) {
        return false;
      }
    }
    double[] then = spiral.getFirst();
    double[] last = spiral.getLast();
    return last[0] - then[0] >= SPIRAL_RISE && last[1] < SPIRAL_RANK * then[1];
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(miniEpochs);
    out.writeInt(settled);
    for (double value :
        new double[] {firstStd, firstCosine, firstUniformity, largestRank, largestModes}) {
      out.writeDouble(value);
    }
    selfFirst.save(out);
    agreement.save(out);
    out.writeInt(spiral.size());
    for (double[] then : spiral) {
      out.writeDouble(then[0]);
      out.writeDouble(then[1]);
    }
  }

  void restore(DataInput in) throws IOException {
    miniEpochs = in.readInt();
    settled = in.readInt();
    firstStd = in.readDouble();
    firstCosine = in.readDouble();
    firstUniformity = in.readDouble();
    largestRank = in.readDouble();
    largestModes = in.readDouble();
    selfFirst.restore(in);
    agreement.restore(in);
    spiral.clear();
    for (int i = in.readInt(); i > 0; i--) {
      spiral.add(new double[] {in.readDouble(), in.readDouble()});
    }
  }
}
