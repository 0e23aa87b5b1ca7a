package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static stream.adasim.compute.Numbers.assertClose;
import static stream.adasim.compute.Numbers.dot;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import stream.adasim.compute.PlainKernels.Moments;

/** What batch norm does beside normalising: a residual, a ReLU, and the way back through both. */
@ParameterizedClass
@EnumSource(Backend.class)
class BatchNormFusionTest {
  private static final float EPSILON = 1e-5f;

  /** With two values the gradient is otherwise nearly zero by cancellation. */
  private static final float SMOOTH = 0.1f;

  private final Kernels kernels;
  private final Numbers numbers;

  BatchNormFusionTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 41);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,2", "2,3,1,5", "3,33,4,5", "5,64,9,11"})
  void addsAResidualAndCutsOffWhatIsNegative(int b, int c, int h, int w) {
    double[] x = numbers.normal(b * c * h * w);
    double[] gamma = numbers.normal(c);
    double[] beta = numbers.normal(c);
    double[] residual = numbers.normal(x.length);
    Moments moments = PlainKernels.moments(x, c);
    double[] normed = PlainKernels.batchNorm(x, moments, gamma, beta, EPSILON);
    Tensor xs = numbers.view(x, b, h, w, c);
    Tensor g = numbers.view(gamma, c);
    Tensor beside = numbers.view(residual, b, h, w, c);
    for (boolean relu : new boolean[] {false, true}) {
      for (boolean adds : new boolean[] {false, true}) {
        double[] expected = followed(normed, adds ? residual : new double[x.length], relu);
        Tensor y = numbers.view(residual, b, h, w, c);
        Tensor added = !adds ? null : relu ? y : beside; // y may be the residual
        batchNorm(xs, g, numbers.view(beta, c), added, relu, y);
        assertClose(y, expected, 2e-5);
        Tensor inferred = numbers.view(residual, b, h, w, c);
        kernels.batchNormInference(
            xs,
            g,
            numbers.view(beta, c),
            numbers.view(moments.mean(), c),
            numbers.view(moments.variance(), c),
            EPSILON,
            !adds ? null : relu ? inferred : beside,
            relu,
            inferred);
        assertClose(inferred, expected, 2e-5);
      }
    }
    assertThat(beside.toArray()).isEqualTo(Numbers.floats(residual));
  }

  private void batchNorm(
      Tensor x, Tensor gamma, Tensor beta, @Nullable Tensor residual, boolean relu, Tensor y) {
    int c = x.columns();
    kernels.batchNorm(
        x,
        gamma,
        beta,
        EPSILON,
        0,
        kernels.allocate(c),
        kernels.allocate(c),
        residual,
        relu,
        y,
        kernels.allocate(c),
        kernels.allocate(c));
  }

  private static double[] followed(double[] normed, double[] residual, boolean relu) {
    double[] y = Numbers.plus(normed, residual);
    return relu ? Arrays.stream(y).map(v -> Math.max(v, 0)).toArray() : y;
  }

  /** What comes back is added up and cut off in dy; the rest is as if it had come in like that. */
  @ParameterizedTest
  @CsvSource({"1,1,1,2", "2,3,1,5", "3,33,4,5", "5,64,9,11"})
  void backwardGathersWhatComesBack(int b, int c, int h, int w) {
    double[] y = numbers.normal(b * c * h * w);
    double[] dy = numbers.normal(y.length);
    double[] beside = numbers.normal(y.length);
    Tensor x = numbers.view(numbers.normal(y.length), b, h, w, c);
    Tensor gamma = numbers.view(numbers.normal(c), c);
    Tensor mean = numbers.view(numbers.normal(c), c);
    Tensor rstd = numbers.view(numbers.normal(c), c);
    for (boolean relu : new boolean[] {false, true}) {
      for (boolean adds : new boolean[] {false, true}) {
        double[] gathered = new double[y.length];
        for (int i = 0; i < y.length; i++) {
          gathered[i] = relu && y[i] <= 0 ? 0 : (float) (dy[i] + (adds ? beside[i] : 0));
        }
        Tensor plain = kernels.allocate(b, h, w, c);
        Tensor plainGamma = kernels.allocate(c);
        Tensor plainBeta = kernels.allocate(c);
        Tensor alone = numbers.view(gathered, b, h, w, c);
        kernels.batchNormBackward(
            x, gamma, mean, rstd, null, alone, null, plain, plainGamma, plainBeta);
        Tensor dys = numbers.view(dy, b, h, w, c);
        Tensor dx = numbers.view(beside, b, h, w, c);
        Tensor dgamma = kernels.allocate(c);
        Tensor dbeta = kernels.allocate(c);
        kernels.batchNormBackward(
            x,
            gamma,
            mean,
            rstd,
            relu ? numbers.view(y, b, h, w, c) : null,
            dys,
            adds ? dx : null, // dx may be what goes beside
            dx,
            dgamma,
            dbeta);
        assertClose(dys, gathered, 0);
        assertThat(dx.toArray()).isEqualTo(plain.toArray());
        assertThat(dgamma.toArray()).isEqualTo(plainGamma.toArray());
        assertThat(dbeta.toArray()).isEqualTo(plainBeta.toArray());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,2", "2,3,1,5", "3,33,4,5"})
  void gradientsOfAllOfItMatchFiniteDifferences(int b, int c, int h, int w) {
    double[] x = numbers.normal(b * c * h * w);
    double[] gamma = numbers.normal(c);
    double[] beta = numbers.normal(c);
    double[] residual = numbers.normal(x.length);
    double[] dy = numbers.normal(x.length);
    Tensor xs = numbers.view(x, b, h, w, c);
    Tensor g = numbers.view(gamma, c);
    Tensor mean = kernels.allocate(c);
    Tensor rstd = kernels.allocate(c);
    Tensor y = kernels.allocate(b, h, w, c);
    kernels.batchNorm(
        xs,
        g,
        numbers.view(beta, c),
        SMOOTH,
        0,
        kernels.allocate(c),
        kernels.allocate(c),
        numbers.view(residual, b, h, w, c),
        true,
        y,
        mean,
        rstd);
    Tensor dResidual = numbers.view(dy, b, h, w, c);
    Tensor dx = kernels.allocate(b, h, w, c);
    Tensor dgamma = kernels.allocate(c);
    Tensor dbeta = kernels.allocate(c);
    kernels.batchNormBackward(xs, g, mean, rstd, y, dResidual, null, dx, dgamma, dbeta);
    numbers.assertGradient(
        v -> dot(dy, all(x, gamma, beta, v)), residual, dResidual.toArray(), 1e-5);
    numbers.assertGradient(v -> dot(dy, all(v, gamma, beta, residual)), x, dx.toArray(), 1e-4);
    numbers.assertGradient(v -> dot(dy, all(x, v, beta, residual)), gamma, dgamma.toArray(), 1e-5);
    numbers.assertGradient(v -> dot(dy, all(x, gamma, v, residual)), beta, dbeta.toArray(), 1e-5);
  }

  private static double[] all(double[] x, double[] gamma, double[] beta, double[] residual) {
    Moments moments = PlainKernels.moments(x, gamma.length);
    return followed(PlainKernels.batchNorm(x, moments, gamma, beta, SMOOTH), residual, true);
  }

  @Test
  void reluHasNoSlopeAtZeroAndHidesNoNan() {
    Tensor x = numbers.tensor(new double[] {1, -1, Double.NaN, 1}, 2, 1, 1, 2);
    Tensor one = numbers.tensor(new double[] {1, 1}, 2);
    Tensor zero = kernels.allocate(2);
    Tensor y = kernels.allocate(2, 1, 1, 2);
    kernels.batchNormInference(x, one, zero, zero, one, 0, null, true, y);
    assertThat(y.toArray()[2]).isNaN();
    assertThat(y.toArray()[1]).isZero();
    Tensor dy =
        numbers.tensor(new double[] {3, 3, Double.NaN, Double.POSITIVE_INFINITY}, 2, 1, 1, 2);
    Tensor output = numbers.tensor(new double[] {0, 1e-30, 0, 0}, 2, 1, 1, 2);
    Tensor dx = kernels.allocate(2, 1, 1, 2);
    kernels.batchNormBackward(x, one, zero, one, output, dy, null, dx, zero, one);
    assertThat(dy.toArray()).containsExactly(0, 3, Float.NaN, Float.NaN);
  }
}
