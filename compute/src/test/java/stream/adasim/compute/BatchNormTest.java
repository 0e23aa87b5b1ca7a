package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.compute.Numbers.added;
import static stream.adasim.compute.Numbers.assertClose;
import static stream.adasim.compute.Numbers.dot;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import stream.adasim.compute.PlainKernels.Moments;

@ParameterizedClass
@EnumSource(Backend.class)
class BatchNormTest {
  private static final float EPSILON = 1e-5f;

  private final Kernels kernels;
  private final Numbers numbers;

  BatchNormTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 37);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,2", "2,1,1,1", "7,5,1,1", "1,3,5,7", "3,33,4,5", "5,64,9,11", "64,16,32,32"})
  void normalisesChannelsLikePlainCode(int b, int c, int h, int w) {
    int p = h * w;
    double[] x = numbers.normal(b * c * p);
    double[] gamma = numbers.normal(c);
    double[] beta = numbers.normal(c);
    double[] oldMean = numbers.normal(c);
    double[] oldVariance = squares(numbers.normal(c));
    Tensor y = numbers.view(numbers.normal(x.length), b, h, w, c);
    Tensor mean = numbers.view(numbers.normal(c), c);
    Tensor rstd = numbers.view(numbers.normal(c), c);
    Tensor runningMean = numbers.view(oldMean, c);
    Tensor runningVariance = numbers.view(oldVariance, c);
    kernels.batchNorm(
        numbers.view(x, b, h, w, c),
        numbers.view(gamma, c),
        numbers.view(beta, c),
        EPSILON,
        0.25f,
        runningMean,
        runningVariance,
        null,
        false,
        y,
        mean,
        rstd);
    Moments moments = PlainKernels.moments(x, c);
    double unbiased = b * p / (b * p - 1.0);
    double[] rstds = new double[c];
    double[] newMean = new double[c];
    double[] newVariance = new double[c];
    for (int i = 0; i < c; i++) {
      rstds[i] = 1 / Math.sqrt(moments.variance()[i] + EPSILON);
      newMean[i] = 0.75 * oldMean[i] + 0.25 * moments.mean()[i];
      newVariance[i] = 0.75 * oldVariance[i] + 0.25 * unbiased * moments.variance()[i];
    }
    assertThat(mean.toArray()).isNotEqualTo(new float[c]);
    assertAbsolutelyClose(mean, moments.mean());
    assertClose(rstd, rstds, 1e-5);
    assertClose(runningMean, newMean, 1e-5);
    assertClose(runningVariance, newVariance, 1e-5);
    assertClose(y, PlainKernels.batchNorm(x, moments, gamma, beta, EPSILON), 2e-5);
  }

  /** The means of many values are near zero: their error follows the values, which are near 1. */
  private static void assertAbsolutelyClose(Tensor found, double[] expected) {
    float[] values = found.toArray();
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(values[i] - expected[i])).as("element %d", i).isLessThan(1e-6);
    }
  }

  private static double[] squares(double[] x) {
    return Arrays.stream(x).map(v -> (float) (v * v)).toArray();
  }

  /** Computed by hand: channels {1, 3, 5, 7} and {2, 2, 2, 2}. */
  @Test
  void followsPytorchsRunningStatistics() {
    Tensor x = numbers.tensor(new double[] {1, 2, 3, 2, 5, 2, 7, 2}, 2, 1, 2, 2);
    Tensor ones = numbers.tensor(new double[] {1, 1}, 2);
    Tensor runningMean = kernels.allocate(2);
    Tensor runningVariance = numbers.tensor(new double[] {1, 1}, 2);
    Tensor mean = kernels.allocate(2);
    Tensor y = kernels.allocate(2, 1, 2, 2);
    Tensor rstd = kernels.allocate(2);
    kernels.batchNorm(
        x,
        ones,
        kernels.allocate(2),
        EPSILON,
        0.1f,
        runningMean,
        runningVariance,
        null,
        false,
        y,
        mean,
        rstd);
    assertThat(mean.toArray()).containsExactly(4, 2);
    assertClose(rstd, new double[] {1 / Math.sqrt(5 + 1e-5), 1 / Math.sqrt(1e-5)}, 1e-6);
    assertClose(runningMean, new double[] {0.4, 0.2}, 1e-6);
    assertClose(runningVariance, new double[] {0.9 + 0.1 * 20 / 3, 0.9}, 1e-6);
    double edge = 3 / Math.sqrt(5 + 1e-5);
    assertClose(y, new double[] {-edge, 0, -edge / 3, 0, edge / 3, 0, edge, 0}, 1e-6);
  }

  @Test
  void aLargeOffsetCostsNoVariance() {
    int n = 4 * 2 * 25;
    double[] x = Arrays.stream(numbers.normal(n)).map(v -> (float) (v + 300)).toArray();
    double[] ones = {1, 1};
    Tensor y = kernels.allocate(4, 5, 5, 2);
    Tensor scale = numbers.tensor(ones, 2);
    Tensor zero = kernels.allocate(2);
    kernels.batchNorm(
        numbers.tensor(x, 4, 5, 5, 2),
        scale,
        zero,
        EPSILON,
        0,
        kernels.allocate(2),
        kernels.allocate(2),
        null,
        false,
        y,
        kernels.allocate(2),
        kernels.allocate(2));
    Moments moments = PlainKernels.moments(x, 2);
    assertClose(y, PlainKernels.batchNorm(x, moments, ones, new double[2], EPSILON), 1e-4);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "1,3,5,7", "7,5,1,1", "3,33,4,5", "5,64,9,11"})
  void infersWithTheRunningStatistics(int b, int c, int h, int w) {
    double[] x = numbers.normal(b * c * h * w);
    double[] gamma = numbers.normal(c);
    double[] beta = numbers.normal(c);
    Moments running = new Moments(numbers.normal(c), squares(numbers.normal(c)));
    Tensor runningMean = numbers.view(running.mean(), c);
    Tensor runningVariance = numbers.view(running.variance(), c);
    Tensor y = numbers.view(numbers.normal(x.length), b, h, w, c);
    kernels.batchNormInference(
        numbers.view(x, b, h, w, c),
        numbers.view(gamma, c),
        numbers.view(beta, c),
        runningMean,
        runningVariance,
        EPSILON,
        null,
        false,
        y);
    assertClose(y, PlainKernels.batchNorm(x, running, gamma, beta, EPSILON), 2e-6);
    assertThat(runningMean.toArray()).isEqualTo(Numbers.floats(running.mean()));
    assertThat(runningVariance.toArray()).isEqualTo(Numbers.floats(running.variance()));
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,2", "5,3,1,1", "1,3,5,7", "3,5,2,3", "3,33,4,5"})
  void backwardMatchesFiniteDifferences(int b, int c, int h, int w) {
    int p = h * w;
    double[] x = numbers.normal(b * c * p);
    double[] gamma = numbers.normal(c);
    double[] beta = numbers.normal(c);
    double[] dy = numbers.normal(x.length);
    // A larger epsilon: with two values the gradient is otherwise nearly zero by cancellation.
    float epsilon = 0.1f;
    Tensor xs = numbers.view(x, b, h, w, c);
    Tensor g = numbers.view(gamma, c);
    Tensor mean = kernels.allocate(c);
    Tensor rstd = kernels.allocate(c);
    kernels.batchNorm(
        xs,
        g,
        numbers.view(beta, c),
        epsilon,
        0.1f,
        kernels.allocate(c),
        kernels.allocate(c),
        null,
        false,
        kernels.allocate(b, h, w, c),
        mean,
        rstd);
    double[] dgamma0 = numbers.normal(c);
    double[] dbeta0 = numbers.normal(c);
    Tensor dgamma = numbers.view(dgamma0, c);
    Tensor dbeta = numbers.view(dbeta0, c);
    Tensor dx = numbers.view(numbers.normal(x.length), b, h, w, c);
    Tensor dys = numbers.view(dy, b, h, w, c);
    kernels.batchNormBackward(xs, g, mean, rstd, null, dys, null, dx, dgamma, dbeta);
    numbers.assertGradient(
        v -> dot(dy, normalised(v, gamma, beta, epsilon)), x, dx.toArray(), 1e-4);
    numbers.assertGradient(
        v -> dot(dy, normalised(x, v, beta, epsilon)), gamma, added(dgamma, dgamma0), 1e-5);
    numbers.assertGradient(
        v -> dot(dy, normalised(x, gamma, v, epsilon)), beta, added(dbeta, dbeta0), 1e-5);

    float[] once = added(dgamma, dgamma0);
    kernels.batchNormBackward(xs, g, mean, rstd, null, dys, null, dx, dgamma, dbeta);
    double[] twice = new double[c];
    for (int i = 0; i < c; i++) {
      twice[i] = 2.0 * once[i];
    }
    assertClose(added(dgamma, dgamma0), twice, 1e-5);
    assertThat(dys.toArray()).isEqualTo(Numbers.floats(dy));
    assertThat(xs.toArray()).isEqualTo(Numbers.floats(x));
  }

  private static double[] normalised(double[] x, double[] gamma, double[] beta, double epsilon) {
    Moments moments = PlainKernels.moments(x, gamma.length);
    return PlainKernels.batchNorm(x, moments, gamma, beta, epsilon);
  }

  @Test
  void repeatsItselfBitForBit() {
    Tensor x = numbers.tensor(numbers.normal(16 * 24 * 33 * 31), 16, 33, 31, 24);
    Tensor dy = numbers.tensor(numbers.normal(16 * 24 * 33 * 31), 16, 33, 31, 24);
    Tensor gamma = numbers.tensor(numbers.normal(24), 24);
    float[][] first = all(x, gamma, dy);
    float[][] second = all(x, gamma, dy);
    for (int i = 0; i < first.length; i++) {
      assertThat(second[i]).isEqualTo(first[i]);
    }
  }

  private float[][] all(Tensor x, Tensor gamma, Tensor dy) {
    Tensor y = kernels.allocate(x.shape());
    Tensor dx = kernels.allocate(x.shape());
    Tensor mean = kernels.allocate(24);
    Tensor rstd = kernels.allocate(24);
    Tensor sums = kernels.allocate(24);
    kernels.batchNorm(x, gamma, gamma, EPSILON, 0.1f, sums, sums, null, true, y, mean, rstd);
    kernels.batchNormBackward(x, gamma, mean, rstd, null, dy, null, dx, sums, sums);
    return new float[][] {
      y.toArray(), dx.toArray(), mean.toArray(), rstd.toArray(), sums.toArray()
    };
  }

  @Test
  void namesKernelAndShapesThatDoNotFit() {
    Tensor x = kernels.allocate(2, 5, 4, 3);
    Tensor c = kernels.allocate(3);
    Tensor b = kernels.allocate(2);
    Tensor turned = kernels.allocate(2, 4, 5, 3);
    assertThatThrownBy(
            () ->
                kernels.batchNorm(
                    kernels.allocate(6, 4), c, c, EPSILON, 0, c, c, null, false, x, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchNorm: x has shape [6, 4], expected (B, H, W, C)");
    assertThatThrownBy(() -> kernels.batchNorm(x, b, c, EPSILON, 0, c, c, null, false, x, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchNorm: gamma has shape [2], expected 3 elements");
    assertThatThrownBy(() -> kernels.batchNorm(x, c, c, EPSILON, 0, c, b, null, false, x, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("runningVariance");
    assertThatThrownBy(
            () -> kernels.batchNorm(x, c, c, EPSILON, 0, c, c, null, false, turned, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchNorm: y has shape [2, 4, 5, 3], expected [2, 5, 4, 3]");
    assertThatThrownBy(() -> kernels.batchNorm(x, c, c, EPSILON, 1.5f, c, c, null, false, x, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchNorm: momentum=1.5, expected 0..1");
    Tensor single = kernels.allocate(1, 1, 1, 3);
    assertThatThrownBy(
            () -> kernels.batchNorm(single, c, c, EPSILON, 0, c, c, null, false, single, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchNorm: x has shape [1, 1, 1, 3], expected 2 or more values per channel");
    assertThatThrownBy(() -> kernels.batchNormInference(x, c, b, c, c, EPSILON, null, false, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batchNormInference: beta");
    assertThatThrownBy(() -> kernels.batchNormBackward(x, c, c, c, null, turned, null, x, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batchNormBackward: dy");
    assertThatThrownBy(() -> kernels.batchNorm(x, c, c, EPSILON, 0, c, c, turned, false, x, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batchNorm: residual");
    assertThatThrownBy(() -> kernels.batchNormBackward(x, c, c, c, x, x, turned, x, c, c))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batchNormBackward: beside");
    assertThatThrownBy(() -> kernels.batchNormBackward(x, c, c, c, null, x, null, x, c, b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batchNormBackward: dbeta");
  }
}
