package stream.adasim.standalone.evaluate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * Multinomial logistic regression on frozen features, standardised per dimension by the training
 * part:
 *
 * <pre>L(W, b) = mean over images of -log softmax(W x + b)[label] + l2 / 2 ||W||^2</pre>
 *
 * <p>minimised by L-BFGS, the products computed by the kernels. The same vectors give the same
 * classifier, bit for bit, at one number of threads.
 */
public final class LinearProbe {
  private static final int ITERATIONS = 200;
  private static final double TOLERANCE = 1e-5;

  private final Kernels kernels;
  private final Vectors train;
  private final int classes;
  private final double l2;
  private final Tensor x; // (N, D)
  private final Tensor targets; // (N, C)
  private final Tensor w; // (C, D)
  private final Tensor b; // (C)
  private final Tensor logits; // (N, C)
  private final Tensor dLogits; // (N, C)
  private final Tensor dw; // (C, D)
  private final Tensor db; // (C)
  private final float[] mean;
  private final float[] scale;

  private LinearProbe(Kernels kernels, Vectors train, int classes, double l2) {
    int n = train.count();
    int dim = train.dim();
    this.kernels = kernels;
    this.train = train;
    this.classes = classes;
    this.l2 = l2;
    mean = new float[dim];
    scale = new float[dim];
    moments();
    x = kernels.allocate(n, dim);
    x.write(standardised(train.values()));
    targets = kernels.allocate(n, classes);
    targets.write(oneHot());
    w = kernels.allocate(classes, dim);
    b = kernels.allocate(classes);
    logits = kernels.allocate(n, classes);
    dLogits = kernels.allocate(n, classes);
    dw = kernels.allocate(classes, dim);
    db = kernels.allocate(classes);
  }

  /**
   * Learns from one part and classifies another.
   *
   * @param queries (n, dim)
   * @param classes how many there are
   * @param l2 weight of the regularisation, above 0
   * @return n classes
   */
  public static int[] classify(
      Kernels kernels, Vectors train, float[] queries, int classes, double l2) {
    if (train.count() < 1 || !(l2 > 0)) {
      throw new IllegalArgumentException(
          "%d vectors and l2=%s: expected 1 or more and a weight above 0"
              .formatted(train.count(), l2));
    }
    LinearProbe probe = new LinearProbe(kernels, train, classes, l2);
    probe.fit();
    return probe.predict(queries);
  }

  /**
   * Learns from a share of the labels: of every class the same share, at least one image.
   *
   * @param share within 0..1
   * @param seed of the choice of images
   */
  public static int[] classify(
      Kernels kernels,
      Vectors train,
      float[] queries,
      int classes,
      double l2,
      double share,
      long seed) {
    return classify(kernels, train.rows(sample(train, classes, share, seed)), queries, classes, l2);
  }

  /** Rows of the images that keep their labels. */
  static int[] sample(Vectors train, int classes, double share, long seed) {
    Random random = Random.from(new SplittableRandom(seed));
    List<Integer> chosen = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      List<Integer> members = new ArrayList<>();
      for (int i = 0; i < train.count(); i++) {
        if (train.labels()[i] == c) {
          members.add(i);
        }
      }
      Collections.shuffle(members, random);
      int most = (int) Math.max(1, Math.round(members.size() * share));
      chosen.addAll(members.subList(0, Math.min(most, members.size())));
    }
    return chosen.stream().mapToInt(Integer::intValue).toArray();
  }

  private void fit() {
    double[] start = new double[classes * (train.dim() + 1)];
    load(Lbfgs.minimise(this::loss, start, ITERATIONS, TOLERANCE));
  }

  /** Loss and gradient at weights and biases, the biases last. */
  private double loss(double[] point, double[] gradient) {
    load(point);
    int dim = train.dim();
    kernels.linear(x, w, b, null, logits);
    double loss = kernels.crossEntropy(targets, logits, 1, 1, dLogits);
    kernels.fill(dw, 0);
    kernels.fill(db, 0);
    kernels.linearBackwardWeight(x, dLogits, dw, db);
    float[] weights = dw.toArray();
    float[] biases = db.toArray();
    double squares = 0;
    for (int i = 0; i < weights.length; i++) {
      squares += point[i] * point[i];
      gradient[i] = weights[i] + l2 * point[i];
    }
    for (int c = 0; c < classes; c++) {
      gradient[classes * dim + c] = biases[c];
    }
    return loss + l2 / 2 * squares;
  }

  private void load(double[] point) {
    int split = classes * train.dim();
    float[] single = new float[point.length];
    for (int i = 0; i < point.length; i++) {
      single[i] = (float) point[i];
    }
    w.write(0, single, 0, split);
    b.write(0, single, split, classes);
  }

  private int[] predict(float[] queries) {
    int n = queries.length / train.dim();
    Tensor asked = kernels.allocate(n, train.dim());
    asked.write(standardised(queries));
    Tensor scores = kernels.allocate(n, classes);
    kernels.linear(asked, w, b, null, scores);
    float[] values = scores.toArray();
    int[] found = new int[n];
    for (int i = 0; i < n; i++) {
      for (int c = 1; c < classes; c++) {
        found[i] = values[i * classes + c] > values[i * classes + found[i]] ? c : found[i];
      }
    }
    return found;
  }

  private void moments() {
    int dim = train.dim();
    for (int d = 0; d < dim; d++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < train.count(); i++) {
        double value = train.values()[i * dim + d];
        sum += value;
        squares += value * value;
      }
      double centre = sum / train.count();
      double variance = squares / train.count() - centre * centre;
      mean[d] = (float) centre;
      scale[d] = variance > 1e-12 ? (float) (1 / Math.sqrt(variance)) : 0;
    }
  }

  private float[] standardised(float[] values) {
    float[] standardised = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int d = i % mean.length;
      standardised[i] = (values[i] - mean[d]) * scale[d];
    }
    return standardised;
  }

  private float[] oneHot() {
    float[] hot = new float[train.count() * classes];
    for (int i = 0; i < train.count(); i++) {
      hot[i * classes + train.labels()[i]] = 1;
    }
    return hot;
  }
}
