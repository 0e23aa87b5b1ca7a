package stream.adasim.standalone.evaluate;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/** What the geometry of vectors says about a representation, without labels. */
public final class Geometry {
  private static final double EPSILON = 1e-7;

  private Geometry() {}

  /**
   * RankMe (Garrido et al. 2023): exp of the entropy of the singular values' shares, {@code p =
   * sigma / sum sigma + 1e-7}; between 1, where all vectors lie on one line, and dim.
   *
   * @param vectors (n, dim)
   */
  public static double rankMe(float[] vectors, int dim) {
    DMatrixRMaj gram = new DMatrixRMaj(dim, dim); // (dim, dim): its eigenvalues are sigma squared
    for (int row = 0; row < vectors.length; row += dim) {
      for (int i = 0; i < dim; i++) {
        double x = vectors[row + i];
        for (int j = 0; j <= i; j++) {
          gram.data[i * dim + j] += x * vectors[row + j];
        }
      }
    }
    for (int i = 0; i < dim; i++) {
      for (int j = 0; j < i; j++) {
        gram.data[j * dim + i] = gram.data[i * dim + j];
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(dim, false, true);
    if (!eigen.decompose(gram)) {
      throw new IllegalStateException(
          "the vectors' spectrum can't be computed: look for values that aren't finite");
    }
    double[] sigma = new double[dim];
    double sum = 0;
    for (int i = 0; i < dim; i++) {
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
   * @param first (n, dim), unit vectors
   * @param second likewise
   */
  public static double alignment(float[] first, float[] second, int dim) {
    double sum = 0;
    for (int i = 0; i < first.length; i++) {
      double difference = first[i] - second[i];
      sum += difference * difference;
    }
    return sum * dim / first.length;
  }

  /**
   * Uniformity (Wang and Isola 2020): log of the mean of {@code exp(-2 ||fi - fj||^2)} over all
   * pairs of different vectors; 0 where all are the same, lower is more uniform.
   *
   * @param vectors (n, dim), unit vectors, 2 or more
   */
  public static double uniformity(float[] vectors, int dim) {
    int n = vectors.length / dim;
    if (n < 2) {
      throw new IllegalArgumentException("n=" + n + " vectors: expected 2 or more");
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double squares = 0;
        for (int d = 0; d < dim; d++) {
          double difference = vectors[i * dim + d] - vectors[j * dim + d];
          squares += difference * difference;
        }
        sum += Math.exp(-2 * squares);
      }
    }
    return Math.log(sum / (n * (n - 1.0) / 2));
  }
}
