package stream.adasim.standalone.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.health.Geometry;

/** Measures representations by all the same rules. Not thread-safe. */
public final class Measures {
  /** The spectrum of longer vectors takes minutes. */
  public static final int MOST_DIMENSIONS = 1024;

  private static final int GEOMETRY_IMAGES = 2000;
  private static final double[] L2 = {1e-4, 1e-3, 1e-2, 1e-1, 1};
  private static final double FEW_L2 = 0.1;
  private static final int LABELS_TO_CHOOSE = 5;

  private final Kernels kernels;
  private final int classes;
  private final int seeds;

  /**
   * Two augmented views of the same images.
   *
   * @param first (n, dim), unit vectors
   */
  @SuppressWarnings("ArrayRecordComponent") // thousands of floats, never compared
  public record Pairs(float[] first, float[] second) {}

  /**
   * @param classes how many there are
   * @param seeds draws of labels for the few-label probes, 2 or more
   */
  public Measures(Kernels kernels, int classes, int seeds) {
    this.kernels = kernels;
    this.classes = classes;
    this.seeds = seeds;
  }

  /**
   * Everything about one representation.
   *
   * @param bank what is learned from and compared with
   * @param heldOut what is classified
   * @param pairs for alignment; null where there are none
   */
  public Subject of(String name, Vectors bank, Vectors heldOut, @Nullable Pairs pairs) {
    List<Score> scores = new ArrayList<>();
    scores.add(nearest("knn20", bank, heldOut, 20, 0.07));
    scores.add(nearest("knn200", bank, heldOut, 200, 0.1));
    int[] found = LinearProbe.classify(kernels, bank, heldOut.values(), classes, l2(bank));
    scores.add(Score.of("linear", "Linear probe", found, heldOut.labels()));
    scores.add(few("few1", bank, heldOut, 0.01));
    scores.add(few("few10", bank, heldOut, 0.1));
    return new Subject(
        name,
        bank.dim(),
        scores,
        bank.dim() > MOST_DIMENSIONS
            ? null
            : Geometry.rankMe(bank.values(), sample(bank), bank.dim()),
        pairs == null ? null : Geometry.alignment(pairs.first(), pairs.second(), bank.dim()),
        Geometry.uniformity(heldOut.values(), sample(heldOut), heldOut.dim()));
  }

  private Score nearest(String measure, Vectors bank, Vectors heldOut, int k, double temperature) {
    int[] found =
        NearestNeighbours.classify(kernels, bank, heldOut.values(), classes, k, temperature);
    String title = "kNN, k = " + k + ", T = " + temperature;
    return Score.of(measure, title, found, heldOut.labels());
  }

  private Score few(String measure, Vectors bank, Vectors heldOut, double share) {
    double[] accuracies = new double[seeds];
    for (int seed = 0; seed < seeds; seed++) {
      Vectors labelled = bank.rows(LinearProbe.sample(bank, classes, share, seed));
      int[] found =
          LinearProbe.classify(kernels, labelled, heldOut.values(), classes, l2(labelled));
      accuracies[seed] = share(found, heldOut.labels());
    }
    String title = "Linear probe, " + Math.round(100 * share) + " % of the labels";
    return Score.over(measure, title, accuracies);
  }

  /**
   * The weight of the regularisation that serves a fifth of the images best, the others learned.
   */
  private double l2(Vectors train) {
    if (train.count() < LABELS_TO_CHOOSE * classes) {
      return FEW_L2;
    }
    int[] validation = LinearProbe.sample(train, classes, 0.2, 0);
    boolean[] taken = new boolean[train.count()];
    Arrays.stream(validation).forEach(row -> taken[row] = true);
    int[] rest = IntStream.range(0, train.count()).filter(row -> !taken[row]).toArray();
    if (rest.length == 0) {
      return FEW_L2;
    }
    Vectors judged = train.rows(validation);
    double best = FEW_L2;
    double most = -1;
    for (double l2 : L2) {
      int[] found = LinearProbe.classify(kernels, train.rows(rest), judged.values(), classes, l2);
      double accuracy = share(found, judged.labels());
      if (accuracy > most) {
        most = accuracy;
        best = l2;
      }
    }
    return best;
  }

  private static double share(int[] found, int[] labels) {
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += found[i] == labels[i] ? 1 : 0;
    }
    return (double) right / labels.length;
  }

  /** How many of the vectors, the first ones, are looked at. */
  private static int sample(Vectors vectors) {
    return Math.min(vectors.count(), GEOMETRY_IMAGES);
  }
}
