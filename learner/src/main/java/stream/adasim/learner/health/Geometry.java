package stream.adasim.learner.health;

import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** What unit features, (N, D) row by row, look like as a whole. Pure functions. */
public final class Geometry {
  private static final double EPSILON = 1e-7;

  private Geometry() {}

  /**
   * RankMe (Garrido et al. 2023): {@code exp(-sum p log p)}, {@code p = sigma / sum sigma + 1e-7},
   * sigma the singular values. From 1, where all lie on one line, to min(N, D).
   *
   * @throws IllegalStateException if the eigenvalues can't be found
   */
  public static double rankMe(float[] features, int rows, int dim) {
    DMatrixRMaj x = new DMatrixRMaj(rows, dim);
    for (int i = 0; i < rows * dim; i++) {
      x.data[i] = features[i];
    }
    int n = Math.min(rows, dim);
    DMatrixRMaj gram = new DMatrixRMaj(n, n); // its eigenvalues are sigma squared
    if (dim <= rows) {
      CommonOps_DDRM.multInner(x, gram);
    } else {
      CommonOps_DDRM.multOuter(x, gram);
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, false, true);
    if (!eigen.decompose(gram)) {
      throw new IllegalStateException(
          "no eigenvalues of " + rows + " features of " + dim + ": look for some not finite");
    }
    double[] sigma = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sigma[i] = Math.sqrt(Math.max(0, eigen.getEigenvalue(i).getReal()));
      sum += sigma[i];
    }
    double entropy = 0;
    for (double s : sigma) {
      double p = s / sum + EPSILON;
      entropy -= p * Math.log(p);
    }
    return Math.exp(entropy);
  }

  /**
   * Alignment (Wang and Isola 2020): mean of {@code ||f1 - f2||^2} over pairs of views of the same
   * image; smaller is better.
   *
   * @param first (N, D)
   * @param second likewise
   */
  public static double alignment(float[] first, float[] second, int dim) {
    int rows = first.length / dim;
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      sum += squaredDistance(first, row, second, row, dim);
    }
    return sum / rows;
  }

  /**
   * Uniformity (Wang and Isola 2020): {@code log mean exp(-2 ||fi - fj||^2)} over all pairs of
   * different rows; 0 where all are the same, lower is more uniform.
   *
   * @param rows 2 or more
   */
  public static double uniformity(float[] features, int rows, int dim) {
    if (rows < 2) {
      throw new IllegalArgumentException("n=" + rows + " vectors: expected 2 or more");
    }
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < i; j++) {
        sum += kernel(features, i, j, dim);
      }
    }
    return Math.log(sum / (rows * (rows - 1.0) / 2));
  }

  /**
   * The same over some pairs only.
   *
   * @param rows 2 or more
   * @param pairs of different rows, drawn at random
   */
  static double uniformity(float[] features, int rows, int dim, int pairs, RandomGenerator random) {
    double sum = 0;
    for (int p = 0; p < pairs; p++) {
      int i = random.nextInt(rows);
      int j = random.nextInt(rows - 1);
      sum += kernel(features, i, j < i ? j : j + 1, dim);
    }
    return Math.log(sum / pairs);
  }

  private static double kernel(float[] features, int i, int j, int dim) {
    return Math.exp(-2 * squaredDistance(features, i, features, j, dim));
  }

  /** {@code ||a_i - b_j||^2} of two rows. */
  static double squaredDistance(float[] a, int i, float[] b, int j, int dim) {
    double sum = 0;
    for (int d = 0; d < dim; d++) {
      double difference = a[i * dim + d] - b[j * dim + d];
      sum += difference * difference;
    }
    return sum;
  }

  /** Mean cosine of different rows: {@code (||sum f||^2 - sum ||f||^2) / (N (N - 1))}. */
  static double meanCosine(float[] features, int rows, int dim) {
    double together = 0;
    double alone = 0;
    for (int d = 0; d < dim; d++) {
      double sum = 0;
      for (int r = 0; r < rows; r++) {
        double x = features[r * dim + d];
        sum += x;
        alone += x * x;
      }
      together += sum * sum;
    }
    return (together - alone) / (rows * (rows - 1.0));
  }

  /** Mean over dimensions of the standard deviation of unit features, times the root of D. */
  public static double featureStd(float[] features, int rows, int dim) {
    double total = 0;
    for (int d = 0; d < dim; d++) {
      double sum = 0;
      double squares = 0;
      for (int r = 0; r < rows; r++) {
        double x = features[r * dim + d];
        sum += x;
        squares += x * x;
      }
      double mean = sum / rows;
      total += Math.sqrt(Math.max(0, squares / rows - mean * mean));
    }
    return total / dim * Math.sqrt(dim);
  }
}
