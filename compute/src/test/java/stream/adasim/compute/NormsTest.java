package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.compute.Numbers.added;
import static stream.adasim.compute.Numbers.assertClose;
import static stream.adasim.compute.Numbers.dot;
import static stream.adasim.compute.Numbers.doubles;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Backend.class)
class NormsTest {
  private static final float EPSILON = 1e-6f;

  private final Kernels kernels;
  private final Numbers numbers;

  NormsTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 11);
  }

  @ParameterizedTest
  @CsvSource({"1,2", "1,33", "7,5", "65,96", "601,192"})
  void normalisesLayersLikePlainCode(int n, int d) {
    double[] x = numbers.normal(n * d);
    double[] gamma = numbers.normal(d);
    double[] beta = numbers.normal(d);
    Tensor y = numbers.view(new double[n * d], n, d);
    Tensor mean = numbers.view(new double[n], n);
    Tensor rstd = numbers.view(new double[n], n);
    kernels.layerNorm(
        numbers.view(x, n, d),
        numbers.view(gamma, d),
        numbers.view(beta, d),
        EPSILON,
        y,
        mean,
        rstd);
    PlainKernels.LayerNorm expected = PlainKernels.layerNorm(x, gamma, beta, EPSILON);
    assertClose(mean, expected.mean(), 1e-5);
    assertClose(rstd, expected.rstd(), 1e-5);
    assertClose(y, expected.y(), 1e-5);
  }

  @Test
  void epsilonKeepsConstantRowsFinite() {
    Tensor x = kernels.allocate(3, 8);
    kernels.fill(x, 2.5f);
    Tensor gamma = kernels.allocate(8);
    kernels.fill(gamma, 1);
    Tensor beta = kernels.allocate(8);
    kernels.fill(beta, 0.25f);
    Tensor y = kernels.allocate(3, 8);
    Tensor rstd = kernels.allocate(3);
    kernels.layerNorm(x, gamma, beta, 1e-4f, y, kernels.allocate(3), rstd);
    assertThat(y.toArray()).containsOnly(0.25f);
    assertClose(rstd, new double[] {100, 100, 100}, 1e-5);
  }

  @Test
  void aLargeOffsetCostsNoVariance() {
    double[] x = numbers.normal(4 * 64);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (x[i] + 300);
    }
    double[] ones = new double[64];
    java.util.Arrays.fill(ones, 1);
    Tensor y = kernels.allocate(4, 64);
    kernels.layerNorm(
        numbers.tensor(x, 4, 64),
        numbers.tensor(ones, 64),
        kernels.allocate(64),
        EPSILON,
        y,
        kernels.allocate(4),
        kernels.allocate(4));
    assertClose(y, PlainKernels.layerNorm(x, ones, new double[64], EPSILON).y(), 1e-4);
  }

  @ParameterizedTest
  @CsvSource({"1,2", "1,33", "7,5", "65,96"})
  void layerNormBackwardMatchesFiniteDifferences(int n, int d) {
    double[] x = numbers.normal(n * d);
    double[] gamma = numbers.normal(d);
    double[] beta = numbers.normal(d);
    double[] dy = numbers.normal(n * d);
    Tensor xs = numbers.view(x, n, d);
    Tensor g = numbers.view(gamma, d);
    Tensor mean = kernels.allocate(n);
    Tensor rstd = kernels.allocate(n);
    // A larger epsilon: with two columns the gradient is otherwise nearly zero by cancellation.
    float epsilon = 0.1f;
    kernels.layerNorm(xs, g, numbers.view(beta, d), epsilon, kernels.allocate(n, d), mean, rstd);
    double[] dgamma0 = numbers.normal(d);
    double[] dbeta0 = numbers.normal(d);
    Tensor dgamma = numbers.view(dgamma0, d);
    Tensor dbeta = numbers.view(dbeta0, d);
    Tensor dx = numbers.view(numbers.normal(n * d), n, d);
    Tensor dys = numbers.view(dy, n, d);
    kernels.layerNormBackward(xs, g, mean, rstd, dys, dx, false, dgamma, dbeta);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.layerNorm(v, gamma, beta, epsilon).y()), x, dx.toArray(), 1e-4);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.layerNorm(x, v, beta, epsilon).y()),
        gamma,
        added(dgamma, dgamma0),
        1e-5);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.layerNorm(x, gamma, v, epsilon).y()),
        beta,
        added(dbeta, dbeta0),
        1e-5);

    double[] before = numbers.normal(n * d);
    Tensor sum = numbers.view(before, n, d);
    kernels.layerNormBackward(xs, g, mean, rstd, dys, sum, true, dgamma, dbeta);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.layerNorm(v, gamma, beta, epsilon).y()),
        x,
        added(sum, before),
        1e-4);
    assertThat(dys.toArray()).isEqualTo(Numbers.floats(dy));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,33", "7,5", "300,256"})
  void normalisesRowsLikePlainCode(int n, int d) {
    double[] x = numbers.normal(n * d);
    Tensor y = numbers.view(new double[n * d], n, d);
    Tensor norms = numbers.view(new double[n], n);
    kernels.normalizeRows(numbers.view(x, n, d), EPSILON, y, norms);
    assertClose(norms, PlainKernels.norms(x, d, EPSILON), 1e-6);
    assertClose(y, PlainKernels.normalizeRows(x, d, EPSILON), 1e-6);
  }

  @Test
  void rowsShorterThanEpsilonAreDividedByIt() {
    Tensor x = numbers.tensor(new double[] {0, 0, 0.25, 0, 3, 4}, 3, 2);
    Tensor y = kernels.allocate(3, 2);
    Tensor norms = kernels.allocate(3);
    kernels.normalizeRows(x, 0.5f, y, norms);
    assertThat(y.toArray()).containsExactly(0, 0, 0.5f, 0, 0.6f, 0.8f);
    assertThat(norms.toArray()).containsExactly(0.5f, 0.5f, 5);
  }

  @ParameterizedTest
  @CsvSource({"1,2", "1,33", "7,5", "65,96"})
  void normalizeRowsBackwardMatchesFiniteDifferences(int n, int d) {
    double[] x = numbers.normal(n * d);
    double[] dy = numbers.normal(n * d);
    Tensor y = numbers.view(new double[n * d], n, d);
    Tensor norms = kernels.allocate(n);
    kernels.normalizeRows(numbers.view(x, n, d), EPSILON, y, norms);
    Tensor dx = numbers.view(numbers.normal(n * d), n, d);
    Tensor dys = numbers.view(dy, n, d);
    kernels.normalizeRowsBackward(y, norms, dys, dx, false);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.normalizeRows(v, d, EPSILON)), x, dx.toArray(), 1e-5);
    double[] before = numbers.normal(n * d);
    Tensor sum = numbers.view(before, n, d);
    kernels.normalizeRowsBackward(y, norms, dys, sum, true);
    assertClose(added(sum, before), doubles(dx.toArray()), 1e-5);
  }

  @Test
  void namesKernelAndShapesThatDoNotFit() {
    Tensor x = kernels.allocate(4, 3);
    Tensor d = kernels.allocate(3);
    Tensor n = kernels.allocate(4);
    assertThatThrownBy(() -> kernels.layerNorm(x, n, d, EPSILON, x, n, n))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layerNorm: gamma has shape [4], expected 3 elements");
    assertThatThrownBy(() -> kernels.layerNorm(x, d, d, EPSILON, kernels.allocate(3, 4), n, n))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("y has shape [3, 4], expected (4, 3)");
    assertThatThrownBy(() -> kernels.layerNormBackward(x, d, n, d, x, x, false, d, d))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rstd");
    assertThatThrownBy(() -> kernels.normalizeRows(x, EPSILON, x, d))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("norms");
    assertThatThrownBy(() -> kernels.normalizeRowsBackward(x, n, n, x, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dy");
  }
}
