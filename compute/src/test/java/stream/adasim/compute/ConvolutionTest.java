package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.compute.Numbers.added;
import static stream.adasim.compute.Numbers.assertClose;
import static stream.adasim.compute.Numbers.dot;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import stream.adasim.compute.PlainKernels.Window;

@ParameterizedClass
@EnumSource(Backend.class)
class ConvolutionTest {
  private static final double FLOAT = 1e-5;

  private final Kernels kernels;
  private final Numbers numbers;

  ConvolutionTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 17);
  }

  /** All kernels, strides and paddings, on images of random sizes down to the smallest. */
  static Stream<Window> windows() {
    Numbers sizes = new Numbers(Backend.ND4J.kernels(), 19);
    Stream<Window> random =
        Stream.of(1, 3, 7)
            .flatMap(
                k ->
                    Stream.of(1, 2)
                        .flatMap(
                            stride ->
                                Stream.of(0, 1, 3)
                                    .flatMap(
                                        padding ->
                                            Stream.of(0, 8)
                                                .map(
                                                    spare ->
                                                        random(
                                                            sizes, k, stride, padding, spare)))));
    return Stream.concat(random, Stream.concat(onePixel(), wide()));
  }

  private static Window random(Numbers sizes, int k, int stride, int padding, int spare) {
    int least = Math.max(1, k - 2 * padding);
    return new Window(
        1 + sizes.below(3),
        1 + sizes.below(5),
        least + sizes.below(spare + 1),
        least + sizes.below(spare + 1),
        1 + sizes.below(5),
        k,
        stride,
        padding);
  }

  private static Stream<Window> onePixel() {
    return Stream.of(
        new Window(1, 1, 1, 1, 1, 1, 1, 0),
        new Window(3, 2, 1, 1, 5, 1, 2, 0),
        new Window(3, 2, 1, 1, 5, 1, 1, 1),
        new Window(3, 2, 1, 1, 5, 3, 1, 1),
        new Window(2, 3, 1, 1, 4, 3, 2, 1),
        new Window(2, 3, 1, 1, 4, 7, 2, 3));
  }

  /** Enough channels and images for all ways of convolving, and for images taken in parts. */
  private static Stream<Window> wide() {
    return Stream.of(
        new Window(2, 32, 9, 11, 48, 3, 1, 1),
        new Window(5, 16, 15, 17, 24, 3, 2, 1),
        new Window(3, 64, 8, 6, 32, 1, 2, 0),
        new Window(3, 70, 7, 5, 40, 1, 1, 0),
        new Window(2, 3, 33, 35, 16, 7, 2, 3),
        new Window(40, 64, 19, 15, 2, 3, 2, 1),
        new Window(3, 40, 6, 7, 33, 3, 1, 2),
        new Window(40, 32, 10, 12, 32, 3, 1, 0),
        new Window(40, 130, 9, 8, 17, 3, 2, 0),
        new Window(2, 130, 9, 8, 17, 7, 2, 3),
        new Window(2, 130, 4, 5, 1, 3, 2, 1),
        new Window(1, 32, 2, 1, 33, 3, 1, 1));
  }

  @ParameterizedTest
  @MethodSource("windows")
  void convolvesLikePlainCode(Window e) {
    double[] x = numbers.normal(e.inputs());
    double[] w = numbers.normal(e.weights());
    Tensor y = outputs(numbers.normal(e.outputs()), e);
    kernels.convolution(inputs(x, e), weights(w, e), e.stride(), e.padding(), y);
    assertClose(y, PlainKernels.convolution(x, w, e), FLOAT);
  }

  @ParameterizedTest
  @MethodSource("windows")
  void givesInputsTheGradientOfPlainCode(Window e) {
    double[] x = numbers.normal(e.inputs());
    double[] w = numbers.normal(e.weights());
    double[] dy = numbers.normal(e.outputs());
    Tensor dx = inputs(x, e);
    kernels.convolutionBackwardInput(outputs(dy, e), weights(w, e), e.stride(), e.padding(), dx);
    assertClose(dx, PlainKernels.convolutionBackwardInput(dy, w, e), FLOAT);
  }

  @ParameterizedTest
  @MethodSource("windows")
  void addsTheGradientOfPlainCodeToWeights(Window e) {
    double[] x = numbers.normal(e.inputs());
    double[] dy = numbers.normal(e.outputs());
    double[] before = numbers.normal(e.weights());
    Tensor dw = weights(before, e);
    Tensor xs = inputs(x, e);
    Tensor dys = outputs(dy, e);
    kernels.convolutionBackwardWeight(xs, dys, e.stride(), e.padding(), dw);
    double[] gradient = PlainKernels.convolutionBackwardWeight(x, dy, e);
    double[] expected = Numbers.plus(before, gradient);
    assertClose(dw, expected, FLOAT);
    kernels.convolutionBackwardWeight(xs, dys, e.stride(), e.padding(), dw);
    assertClose(dw, Numbers.plus(expected, gradient), FLOAT);
    assertThat(xs.toArray()).isEqualTo(Numbers.floats(x));
    assertThat(dys.toArray()).isEqualTo(Numbers.floats(dy));
  }

  static List<Window> smallWindows() {
    return List.of(
        new Window(2, 3, 5, 4, 2, 3, 1, 1),
        new Window(2, 3, 6, 5, 2, 3, 2, 1),
        new Window(2, 2, 4, 5, 3, 1, 1, 0),
        new Window(2, 2, 4, 5, 3, 1, 2, 1),
        new Window(1, 2, 6, 5, 2, 7, 2, 3),
        new Window(3, 2, 1, 1, 2, 3, 1, 1),
        new Window(1, 34, 3, 5, 33, 3, 1, 1),
        new Window(2, 129, 5, 3, 3, 3, 2, 1));
  }

  @ParameterizedTest
  @MethodSource("smallWindows")
  void gradientsMatchFiniteDifferences(Window e) {
    double[] x = numbers.normal(e.inputs());
    double[] w = numbers.normal(e.weights());
    double[] dy = numbers.normal(e.outputs());
    double[] before = numbers.normal(e.weights());
    Tensor dx = inputs(numbers.normal(e.inputs()), e);
    Tensor dw = weights(before, e);
    Tensor dys = outputs(dy, e);
    kernels.convolutionBackwardInput(dys, weights(w, e), e.stride(), e.padding(), dx);
    kernels.convolutionBackwardWeight(inputs(x, e), dys, e.stride(), e.padding(), dw);
    numbers.assertGradient(v -> dot(dy, PlainKernels.convolution(v, w, e)), x, dx.toArray(), 2e-5);
    numbers.assertGradient(
        v -> dot(dy, PlainKernels.convolution(x, v, e)), w, added(dw, before), 2e-5);
  }

  @ParameterizedTest
  @MethodSource("wide")
  void repeatsItselfBitForBit(Window e) {
    Tensor x = inputs(numbers.normal(e.inputs()), e);
    Tensor w = weights(numbers.normal(e.weights()), e);
    Tensor dy = outputs(numbers.normal(e.outputs()), e);
    float[][] first = all(kernels, x, w, dy, e);
    float[][] second = all(kernels, x, w, dy, e);
    for (int i = 0; i < first.length; i++) {
      assertThat(second[i]).isEqualTo(first[i]);
    }
  }

  /** Outputs and both gradients. */
  static float[][] all(Kernels kernels, Tensor x, Tensor w, Tensor dy, Window e) {
    Tensor y = kernels.allocate(dy.shape());
    Tensor dx = kernels.allocate(x.shape());
    Tensor dw = kernels.allocate(w.shape());
    kernels.convolution(x, w, e.stride(), e.padding(), y);
    kernels.convolutionBackwardInput(dy, w, e.stride(), e.padding(), dx);
    kernels.convolutionBackwardWeight(x, dy, e.stride(), e.padding(), dw);
    return new float[][] {y.toArray(), dx.toArray(), dw.toArray()};
  }

  private Tensor inputs(double[] x, Window e) {
    return numbers.view(x, e.b(), e.h(), e.w(), e.c());
  }

  private Tensor outputs(double[] y, Window e) {
    return numbers.view(y, e.b(), e.down(), e.across(), e.o());
  }

  private Tensor weights(double[] w, Window e) {
    return numbers.view(w, e.o(), e.c(), e.k(), e.k());
  }

  @Test
  void namesKernelAndShapesThatDoNotFit() {
    Tensor x = kernels.allocate(2, 5, 4, 3);
    Tensor w = kernels.allocate(6, 3, 3, 3);
    Tensor y = kernels.allocate(2, 5, 4, 6);
    assertThatThrownBy(() -> kernels.convolution(kernels.allocate(6, 5, 4), w, 1, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolution: x has shape [6, 5, 4], expected (B, H, W, C)");
    assertThatThrownBy(() -> kernels.convolution(x, y, 1, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolution: w has shape [2, 5, 4, 6], expected (O, 3, k, k)");
    assertThatThrownBy(() -> kernels.convolution(x, kernels.allocate(6, 3, 3, 1), 1, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("convolution: w has shape [6, 3, 3, 1]");
    assertThatThrownBy(() -> kernels.convolution(x, w, 1, 0, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolution: y has shape [2, 5, 4, 6], expected [2, 3, 2, 6]");
    assertThatThrownBy(() -> kernels.convolution(x, kernels.allocate(6, 3, 7, 7), 1, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolution: x has shape [2, 5, 4, 3], expected H and W of 5 or more");
    assertThatThrownBy(() -> kernels.convolution(x, w, 0, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolution: stride=0, padding=1, expected 1, 0 or more");
    assertThatThrownBy(() -> kernels.convolution(x, w, 1, -1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("padding=-1");
    assertThatThrownBy(() -> kernels.convolutionBackwardInput(x, w, 1, 1, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolutionBackwardInput: dy has shape [2, 5, 4, 3], expected [2, 5, 4, 6]");
    assertThatThrownBy(() -> kernels.convolutionBackwardInput(y, w, 1, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("convolutionBackwardInput: w");
    assertThatThrownBy(() -> kernels.convolutionBackwardWeight(x, y, 2, 1, w))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolutionBackwardWeight: dy has shape [2, 5, 4, 6], expected [2, 3, 2, 6]");
    assertThatThrownBy(() -> kernels.convolutionBackwardWeight(x, y, 1, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("convolutionBackwardWeight: dw");
  }
}
