package stream.adasim.indexer.memory;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * Finds the directions that hold most of a block's vectors, how many of them spare most of a
 * search, and where a search may miss something, how cautious it must be: tried on a sample of the
 * vectors, against each other.
 */
final class Directions {
  /** What one product that is computed singly costs, in products of a block. */
  static final double FOLLOW_UP = 10;

  /** A search with outlines must be expected to take less than this share of one without. */
  static final double WORTHWHILE = 0.7;

  private static final int SAMPLE = 4096;
  private static final int QUERIES = 64;
  private static final int ITERATIONS = 5;

  /** Lengths of outlines: whole vectors of floats, so that their products are fast. */
  private static final int[] LENGTHS = {16, 32, 64, 128};

  /** For {@link Outlines#of}. */
  private static final float[] CAUTIONS = {0.05f, 0.1f, 0.15f, 0.2f, 0.3f, 0.4f, 0.6f, 0.8f, 1};

  private static final float[] EXACT = {1};

  private final Kernels kernels;
  private final int count;
  private final int k;
  private final double misses;
  private final double without;
  private final int dimension;
  private final int sampled;
  private final Tensor sample; // (S, D)
  private final Tensor queries; // (64, D), rows of the sample
  private final float[] bar = new float[QUERIES];
  private final float[] sampleBar = new float[QUERIES];
  private final float[] nearest = new float[QUERIES];

  /**
   * @param misses share of the nearest that may be missed, 0 for none
   * @param without what a search without outlines costs, in products of a block
   */
  Directions(Kernels kernels, Tensor vectors, int count, int k, double misses, double without) {
    this.kernels = kernels;
    this.count = count;
    this.k = k;
    this.misses = misses;
    this.without = without;
    this.dimension = vectors.columns();
    this.sampled = Math.min(SAMPLE, count);
    this.sample = kernels.allocate(sampled, dimension);
    this.queries = kernels.allocate(QUERIES, dimension);
    float[] vector = new float[dimension];
    for (int i = 0; i < sampled; i++) {
      long row = (long) i * count / sampled;
      vectors.read(row * dimension, vector, 0, dimension);
      sample.write((long) i * dimension, vector, 0, dimension);
      if (i % (sampled / QUERIES) == 0 && i / (sampled / QUERIES) < QUERIES) {
        queries.write((long) i / (sampled / QUERIES) * dimension, vector, 0, dimension);
      }
    }
  }

  /**
   * What suits a block best.
   *
   * @param directions (P, D) by rows
   * @param caution for {@link Outlines#of}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once
  record Fit(float[] directions, float caution) {}

  /** The best number of directions; null where searching without is better. */
  @Nullable Fit best() {
    float[] products = new float[QUERIES * sampled];
    Tensor all = kernels.allocate(QUERIES, sampled);
    kernels.linear(queries, sample, null, null, all);
    all.read(0, products, 0, products.length);
    // What the k-th nearest of all is likely to reach, the query itself left out.
    int rank = (int) Math.max(1, (long) k * sampled / count);
    for (int query = 0; query < QUERIES; query++) {
      float[] sorted = Arrays.copyOfRange(products, query * sampled, (query + 1) * sampled);
      Arrays.sort(sorted);
      bar[query] = sorted[sampled - 1 - rank];
      sampleBar[query] = sorted[Math.max(0, sampled - 1 - k)];
      nearest[query] = sorted[Math.max(0, sampled - 1 - (k + 1) / 2)];
    }
    float[] directions = principal(Arrays.stream(LENGTHS).filter(this::fits).max().orElse(0) - 1);
    float[] estimated = new float[products.length];
    Fit best = null;
    double lowest = WORTHWHILE * without;
    for (int length : LENGTHS) {
      if (fits(length)) {
        float[] tried = Arrays.copyOf(directions, (length - 1) * dimension);
        Outlines outlines = new Outlines(kernels, tried, dimension, sampled);
        outlines.update(sample, sampled);
        for (float caution : misses > 0 ? CAUTIONS : EXACT) {
          double cost = cost(outlines, caution, products, all, estimated);
          if (cost < lowest) {
            lowest = cost;
            best = new Fit(tried, caution);
          }
        }
      }
    }
    return best;
  }

  private boolean fits(int length) {
    return 2 * length <= dimension;
  }

  /** Expected work, in products of a block; infinite where it misses too much. */
  private double cost(
      Outlines outlines, float caution, float[] products, Tensor estimates, float[] estimated) {
    kernels.linear(outlines.of(queries, caution), outlines.rows(), null, null, estimates);
    estimates.read(0, estimated, 0, estimated.length);
    long followed = 0;
    long near = 0;
    long missed = 0;
    for (int i = 0; i < estimated.length; i++) {
      int query = i / sampled;
      float most = estimated[i] + outlines.slack();
      if (most > bar[query]) {
        followed++;
      }
      if (products[i] >= nearest[query]) {
        near++;
        missed += most > sampleBar[query] ? 0 : 1;
      }
    }
    return misses > 0 && missed > misses * near
        ? Double.POSITIVE_INFINITY
        : outlines.share() + FOLLOW_UP * followed / estimated.length;
  }

  /** The leading eigenvectors of the vectors' second moment, by orthogonal iteration. */
  private float[] principal(int p) {
    Tensor moment = kernels.allocate(dimension, dimension);
    kernels.linearBackwardWeight(sample, sample, moment, null);
    Tensor before = kernels.allocate(p, dimension);
    Tensor after = kernels.allocate(p, dimension);
    SplittableRandom random = new SplittableRandom(1);
    double[] drawn = new double[p * dimension];
    Arrays.setAll(drawn, i -> random.nextDouble() - 0.5);
    float[] basis = orthonormal(drawn);
    for (int i = 0; i < ITERATIONS; i++) {
      before.write(basis);
      kernels.linear(before, moment, null, null, after);
      float[] next = after.toArray();
      double[] wide = new double[next.length];
      Arrays.setAll(wide, j -> next[j]);
      basis = orthonormal(wide);
    }
    return basis;
  }

  /** Gram and Schmidt's, each row twice. A row that depends on others is drawn anew. */
  private float[] orthonormal(double[] rows) {
    int p = rows.length / dimension;
    SplittableRandom random = new SplittableRandom(2);
    for (int a = 0; a < p; a++) {
      double before = length(rows, a);
      for (int pass = 0; pass < 2; pass++) {
        for (int b = 0; b < a; b++) {
          double along = 0;
          for (int c = 0; c < dimension; c++) {
            along += rows[a * dimension + c] * rows[b * dimension + c];
          }
          for (int c = 0; c < dimension; c++) {
            rows[a * dimension + c] -= along * rows[b * dimension + c];
          }
        }
      }
      double length = length(rows, a);
      if (length <= 1e-9 * before || length < Float.MIN_NORMAL) {
        for (int c = 0; c < dimension; c++) {
          rows[a * dimension + c] = random.nextDouble() - 0.5;
        }
        a--;
        continue;
      }
      for (int c = 0; c < dimension; c++) {
        rows[a * dimension + c] /= length;
      }
    }
    float[] result = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      result[i] = (float) rows[i];
    }
    return result;
  }

  private double length(double[] rows, int row) {
    double squares = 0;
    for (int c = 0; c < dimension; c++) {
      squares += rows[row * dimension + c] * rows[row * dimension + c];
    }
    return Math.sqrt(squares);
  }
}
