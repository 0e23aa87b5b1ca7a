package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static stream.adasim.compute.Numbers.assertClose;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Backend.class)
class ObjectiveTest {
  private final Kernels kernels;
  private final Numbers numbers;

  ObjectiveTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 17);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,9,0.5", "7,5,0.1", "33,257,0.07", "8,4096,0.04"})
  void softmaxIsLikePlainCode(int n, int k, float temperature) {
    double[] z = numbers.normal(n * k);
    double[] shift = numbers.normal(k);
    Tensor zs = numbers.view(z, n, k);
    Tensor p = numbers.view(new double[n * k], n, k);
    kernels.softmax(zs, null, temperature, p);
    assertClose(p, PlainKernels.softmax(z, null, temperature, k), 2e-5);
    kernels.softmax(zs, numbers.view(shift, k), temperature, p);
    assertClose(p, PlainKernels.softmax(z, shift, temperature, k), 2e-5);
    assertThat(zs.toArray()).isEqualTo(Numbers.floats(z));
  }

  @Test
  void softmaxSurvivesLargeLogits() {
    Tensor p = kernels.allocate(1, 3);
    kernels.softmax(numbers.tensor(new double[] {3000, 2999.9, -3000}, 1, 3), null, 0.1f, p);
    double e = Math.exp(-1);
    assertClose(p, new double[] {1 / (1 + e), e / (1 + e), 0}, 5e-3); // 2999.9 has 2e-4 of error
  }

  @ParameterizedTest
  @CsvSource({"1,2,1,1", "1,9,0.5,0.5", "7,5,0.1,1", "33,257,0.1,0.25", "8,4096,0.1,0.5"})
  void crossEntropyAndItsGradientMatchPlainCode(int n, int k, float temperature, float weight) {
    double[] z = numbers.normal(n * k);
    double[] p = rounded(PlainKernels.softmax(numbers.normal(n * k), null, 0.5, k));
    Tensor dz = numbers.view(numbers.normal(n * k), n, k);
    Tensor zs = numbers.view(z, n, k);
    double loss = kernels.crossEntropy(numbers.view(p, n, k), zs, temperature, weight, dz);
    double expected = PlainKernels.crossEntropy(p, z, temperature, weight, k);
    assertThat(loss).isCloseTo(expected, within(2e-6 * Math.abs(expected)));
    numbers.assertGradient(
        v -> PlainKernels.crossEntropy(p, v, temperature, weight, k), z, dz.toArray(), 2e-5);
    assertThat(zs.toArray()).isEqualTo(Numbers.floats(z));
  }

  private static double[] rounded(double[] p) {
    for (int i = 0; i < p.length; i++) {
      p[i] = (float) p[i];
    }
    return p;
  }

  @Test
  void crossEntropySurvivesLargeLogits() {
    Tensor dz = kernels.allocate(1, 2);
    double loss =
        kernels.crossEntropy(
            numbers.tensor(new double[] {0, 1}, 1, 2),
            numbers.tensor(new double[] {500, -500}, 1, 2),
            0.1f,
            1,
            dz);
    assertThat(loss).isCloseTo(10_000, within(0.01));
    assertClose(dz, new double[] {10, -10}, 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"1,2", "7,5", "33,257", "20,4096"})
  void entropyIsLikePlainCode(int n, int k) {
    double[] p = rounded(PlainKernels.softmax(numbers.normal(n * k), null, 0.1, k));
    double expected = PlainKernels.entropy(p);
    assertThat(kernels.entropy(numbers.view(p, n, k))).isCloseTo(expected, within(1e-6 * expected));
  }

  @Test
  void certaintyHasNoEntropy() {
    assertThat(kernels.entropy(numbers.tensor(new double[] {0, 1, 0, 0}, 2, 2))).isZero();
    assertThat(kernels.entropy(numbers.tensor(new double[] {0.5, 0.5, 0, 1}, 2, 2)))
        .isCloseTo(Math.log(2), within(1e-7));
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "1001", "65536", "65537", "200000"})
  void normIsAccumulatedInDoublePrecision(int size) {
    double[] x = numbers.normal(size);
    double expected = Math.sqrt(Numbers.dot(x, x));
    assertThat(kernels.norm(numbers.view(x, size))).isCloseTo(expected, within(1e-12 * expected));
  }

  @Test
  void normNeitherOverflowsNorVanishesForFloats() {
    assertThat(kernels.norm(numbers.tensor(new double[] {3e30, 4e30}, 2)))
        .isCloseTo(5e30, within(1e24));
    assertThat(kernels.norm(numbers.tensor(new double[] {3e-30, 4e-30}, 2)))
        .isCloseTo(5e-30, within(1e-36));
  }

  @Test
  void namesKernelAndWhatDoesNotFit() {
    Tensor z = kernels.allocate(4, 3);
    assertThatThrownBy(() -> kernels.softmax(z, kernels.allocate(4), 1, z))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("softmax: shift has shape [4], expected 3 elements");
    assertThatThrownBy(() -> kernels.softmax(z, null, 0, z))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("softmax: temperature=0.0, expected more than 0");
    assertThatThrownBy(() -> kernels.crossEntropy(kernels.allocate(3, 4), z, 1, 1, z))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("crossEntropy: p has shape [3, 4], expected (4, 3)");
  }
}
