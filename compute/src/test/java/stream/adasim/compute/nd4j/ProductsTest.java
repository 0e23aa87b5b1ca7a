package stream.adasim.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.compute.nd4j.Numbers.added;
import static stream.adasim.compute.nd4j.Numbers.assertClose;
import static stream.adasim.compute.nd4j.Numbers.dot;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.compute.Tensor;

class ProductsTest {
  private static final Nd4jKernels KERNELS = Nd4jKernels.open(0);
  private static final double FLOAT = 2e-6;

  private final Numbers numbers = new Numbers(KERNELS, 7);

  @AfterAll
  static void close() {
    KERNELS.close();
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

    KERNELS.linear(xs, ws, null, null, y);
    assertClose(y, PlainKernels.linear(x, w, null, null, n, in, out), FLOAT);
    KERNELS.linear(xs, ws, b, null, y);
    assertClose(y, PlainKernels.linear(x, w, bias, null, n, in, out), FLOAT);
    KERNELS.linear(xs, ws, b, numbers.view(residual, n, out), y);
    assertClose(y, PlainKernels.linear(x, w, bias, residual, n, in, out), FLOAT);
    y.write(Numbers.floats(residual));
    KERNELS.linear(xs, ws, null, y, y);
    assertClose(y, PlainKernels.linear(x, w, null, residual, n, in, out), FLOAT);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,5,3", "7,1,3", "13,33,17", "260,48,384"})
  void appliesTheExactGelu(int n, int in, int out) {
    double[] x = numbers.normal(n * in);
    double[] w = numbers.normal(out * in);
    double[] bias = numbers.normal(out);
    Tensor pre = numbers.view(new double[n * out], n, out);
    Tensor y = numbers.view(new double[n * out], n, out);
    KERNELS.linearGelu(
        numbers.view(x, n, in), numbers.view(w, out, in), numbers.view(bias, out), pre, y);
    double[] expected = PlainKernels.linear(x, w, bias, null, n, in, out);
    assertClose(pre, expected, FLOAT);
    assertClose(y, PlainKernels.gelu(expected), FLOAT);
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
    Tensor pre = KERNELS.allocate(n, 1);
    Tensor y = KERNELS.allocate(n, 1);
    KERNELS.linearGelu(numbers.tensor(x, n, 1), one, zero, pre, y);
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
  void geluBackwardIsTheSlope(int n, int d) {
    double[] x = numbers.normal(n * d);
    double[] dy = numbers.normal(n * d);
    Tensor pre = numbers.view(x, n, d);
    Tensor dys = numbers.view(dy, n, d);
    Tensor dpre = numbers.view(new double[n * d], n, d);
    KERNELS.geluBackward(pre, dys, dpre);
    numbers.assertGradient(v -> dot(dy, PlainKernels.gelu(v)), x, dpre.toArray(), 1e-5);
    KERNELS.geluBackward(pre, dys, dys);
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
    KERNELS.linearBackwardInput(dys, ws, dx, false);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.linear(v, w, bias, null, n, in, out)), x, dx.toArray(), 1e-5);
    double[] before = numbers.normal(n * in);
    Tensor sum = numbers.view(before, n, in);
    KERNELS.linearBackwardInput(dys, ws, sum, true);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.linear(v, w, bias, null, n, in, out)),
        x,
        added(sum, before),
        1e-5);

    double[] dw0 = numbers.normal(out * in);
    double[] db0 = numbers.normal(out);
    Tensor dw = numbers.view(dw0, out, in);
    Tensor db = numbers.view(db0, out);
    KERNELS.linearBackwardWeight(xs, dys, dw, db);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.linear(x, v, bias, null, n, in, out)), w, added(dw, dw0), 1e-5);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.linear(x, w, v, null, n, in, out)), bias, added(db, db0), 1e-5);
    KERNELS.linearBackwardWeight(xs, dys, dw, null);
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
    Tensor x = KERNELS.allocate(4, 3);
    Tensor w = KERNELS.allocate(5, 3);
    Tensor y = KERNELS.allocate(4, 5);
    Tensor bias = KERNELS.allocate(5);
    assertThatThrownBy(() -> KERNELS.linear(x, KERNELS.allocate(5, 4), bias, null, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linear: w has shape [5, 4], expected (5, 3)");
    assertThatThrownBy(() -> KERNELS.linear(x, w, KERNELS.allocate(4), null, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("linear: bias has shape [4], expected 5 elements");
    assertThatThrownBy(() -> KERNELS.linear(x, w, bias, x, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("residual");
    assertThatThrownBy(() -> KERNELS.linear(x, w, bias, null, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("y has shape [4, 3], expected (4, 5)");
    assertThatThrownBy(() -> KERNELS.linearGelu(x, w, bias, x, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pre");
    assertThatThrownBy(() -> KERNELS.geluBackward(y, y, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dpre");
    assertThatThrownBy(() -> KERNELS.linearBackwardInput(x, w, x, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dy");
    assertThatThrownBy(() -> KERNELS.linearBackwardWeight(x, y, y, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dw");
  }
}
