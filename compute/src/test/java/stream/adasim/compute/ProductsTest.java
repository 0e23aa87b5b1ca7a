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

@ParameterizedClass
@EnumSource(Backend.class)
class ProductsTest {
  private static final double FLOAT = 2e-6;

  private final Kernels kernels;
  private final Numbers numbers;

  ProductsTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 7);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,5,3", "7,1,3", "7,5,1", "13,33,17", "260,48,96", "700,96,384"})
  void multipliesLikePlainCode(int n, int in, int out) {
    double[] x = numbers.normal(n * in);
    double[] w = numbers.normal(out * in);
    double[] bias = numbers.normal(out);
    double[] residual = numbers.normal(n * out);
    Tensor xs = numbers.view(x, n, in);
    Tensor ws = numbers.view(w, out, in);
    Tensor b = numbers.view(bias, out);
    Tensor y = numbers.view(new double[n * out], n, out);

    kernels.linear(xs, ws, null, null, y);
    assertClose(y, PlainKernels.linear(x, w, null, null, n, in, out), FLOAT);
    kernels.linear(xs, ws, b, null, y);
    assertClose(y, PlainKernels.linear(x, w, bias, null, n, in, out), FLOAT);
    kernels.linear(xs, ws, b, numbers.view(residual, n, out), y);
    assertClose(y, PlainKernels.linear(x, w, bias, residual, n, in, out), FLOAT);
    y.write(Numbers.floats(residual));
    kernels.linear(xs, ws, null, y, y);
    assertClose(y, PlainKernels.linear(x, w, null, residual, n, in, out), FLOAT);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,5,3", "7,1,3", "13,33,17", "260,48,384"})
  void appliesTheExactGelu(int n, int in, int out) {
    double[] x = numbers.normal(n * in);
    double[] w = numbers.normal(out * in);
    double[] bias = numbers.normal(out);
    Tensor xs = numbers.view(x, n, in);
    Tensor ws = numbers.view(w, out, in);
    Tensor b = numbers.view(bias, out);
    Tensor slope = numbers.view(new double[n * out], n, out);
    Tensor y = numbers.view(new double[n * out], n, out);
    double[] pre = PlainKernels.linear(x, w, bias, null, n, in, out);
    kernels.linearGelu(xs, ws, b, slope, y);
    assertClose(y, PlainKernels.gelu(pre), FLOAT);
    numbers.assertGradient(v -> sum(PlainKernels.gelu(v)), pre, slope.toArray(), 1e-5);
    Tensor alone = numbers.view(new double[n * out], n, out);
    kernels.linearGelu(xs, ws, b, null, alone);
    assertClose(alone, PlainKernels.gelu(pre), FLOAT);
  }

  private static double sum(double[] x) {
    return Arrays.stream(x).sum();
  }

  @Test
  void geluIsAccurateFromTailToTail() {
    int n = 4001;
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) ((i - 2000) / 200.0); // -10..10
    }
    Tensor one = numbers.tensor(new double[] {1}, 1, 1);
    Tensor zero = numbers.tensor(new double[] {0}, 1);
    Tensor slope = kernels.allocate(n, 1);
    Tensor y = kernels.allocate(n, 1);
    kernels.linearGelu(numbers.tensor(x, n, 1), one, zero, slope, y);
    double[] expected = PlainKernels.gelu(x);
    float[] found = y.toArray();
    for (int i = 0; i < n; i++) {
      assertThat((double) found[i]).as("gelu(%s)", x[i]).isCloseTo(expected[i], offset(x[i]));
    }
  }

  private static org.assertj.core.data.Offset<Double> offset(double x) {
    return org.assertj.core.data.Offset.offset(2e-7 * Math.max(1, Math.abs(x)));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "7,5", "300,250"})
  void geluBackwardMultipliesByTheSlope(int n, int d) {
    double[] slope = numbers.normal(n * d);
    double[] dy = numbers.normal(n * d);
    Tensor slopes = numbers.view(slope, n, d);
    Tensor dys = numbers.view(dy, n, d);
    Tensor dpre = numbers.view(new double[n * d], n, d);
    kernels.geluBackward(slopes, dys, dpre);
    double[] expected = new double[n * d];
    Arrays.setAll(expected, i -> dy[i] * slope[i]);
    assertClose(dpre, expected, FLOAT);
    kernels.geluBackward(slopes, dys, dys);
    assertThat(dys.toArray()).isEqualTo(dpre.toArray());
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,5,3", "7,1,3", "7,5,1", "13,33,17", "65,48,96"})
  void backwardsMatchFiniteDifferences(int n, int in, int out) {
    double[] x = numbers.normal(n * in);
    double[] w = numbers.normal(out * in);
    double[] bias = numbers.normal(out);
    double[] dy = numbers.normal(n * out);
    Tensor xs = numbers.view(x, n, in);
    Tensor ws = numbers.view(w, out, in);
    Tensor dys = numbers.view(dy, n, out);

    Tensor dx = numbers.view(numbers.normal(n * in), n, in);
    kernels.linearBackwardInput(dys, ws, dx, false);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.linear(v, w, bias, null, n, in, out)), x, dx.toArray(), 1e-5);
    double[] before = numbers.normal(n * in);
    Tensor sum = numbers.view(before, n, in);
    kernels.linearBackwardInput(dys, ws, sum, true);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.linear(v, w, bias, null, n, in, out)),
        x,
        added(sum, before),
        1e-5);

    double[] dw0 = numbers.normal(out * in);
    double[] db0 = numbers.normal(out);
    Tensor dw = numbers.view(dw0, out, in);
    Tensor db = numbers.view(db0, out);
    kernels.linearBackwardWeight(xs, dys, dw, db);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.linear(x, v, bias, null, n, in, out)), w, added(dw, dw0), 1e-5);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.linear(x, w, v, null, n, in, out)), bias, added(db, db0), 1e-5);
    kernels.linearBackwardWeight(xs, dys, dw, null);
    assertClose(added(db, db0), sumOfColumns(dy, out), 1e-5);
  }

  private static double[] sumOfColumns(double[] dy, int out) {
    double[] sums = new double[out];
    for (int i = 0; i < dy.length; i++) {
      sums[i % out] += dy[i];
    }
    return sums;
  }

  @Test
  void namesKernelAndShapesThatDoNotFit() {
    Tensor x = kernels.allocate(4, 3);
    Tensor w = kernels.allocate(5, 3);
    Tensor y = kernels.allocate(4, 5);
    Tensor bias = kernels.allocate(5);
    assertThatThrownBy(() -> kernels.linear(x, kernels.allocate(5, 4), bias, null, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linear: w has shape [5, 4], expected (5, 3)");
    assertThatThrownBy(() -> kernels.linear(x, w, kernels.allocate(4), null, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linear: bias has shape [4], expected 5 elements");
    assertThatThrownBy(() -> kernels.linear(x, w, bias, x, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("residual");
    assertThatThrownBy(() -> kernels.linear(x, w, bias, null, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("y has shape [4, 3], expected (4, 5)");
    assertThatThrownBy(() -> kernels.linearGelu(x, w, bias, x, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("slope");
    assertThatThrownBy(() -> kernels.geluBackward(y, y, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dpre");
    assertThatThrownBy(() -> kernels.linearBackwardInput(x, w, x, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dy");
    assertThatThrownBy(() -> kernels.linearBackwardWeight(x, y, y, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dw");
  }
}
