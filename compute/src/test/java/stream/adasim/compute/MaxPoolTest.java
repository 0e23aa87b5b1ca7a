package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.compute.Numbers.dot;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import stream.adasim.compute.PlainKernels.Window;

@ParameterizedClass
@EnumSource(Backend.class)
class MaxPoolTest {
  private final Kernels kernels;
  private final Numbers numbers;

  MaxPoolTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 23);
  }

  static List<Window> windows() {
    return List.of(
        new Window(1, 1, 1, 1, 1, 1, 1, 0),
        new Window(2, 3, 1, 1, 3, 3, 2, 1),
        new Window(2, 3, 5, 4, 3, 3, 2, 1),
        new Window(2, 3, 6, 7, 3, 2, 2, 0),
        new Window(1, 5, 9, 8, 5, 3, 1, 1),
        new Window(3, 16, 16, 16, 16, 3, 2, 1),
        new Window(2, 64, 33, 31, 64, 3, 2, 1));
  }

  @ParameterizedTest
  @MethodSource("windows")
  void takesTheLargestOfEachWindow(Window e) {
    double[] x = numbers.normal(e.inputs());
    Tensor y = gradients(numbers.normal(outputs(e)), e);
    kernels.maxPool(images(x, e), e.k(), e.stride(), e.padding(), y);
    double[] expected = Arrays.stream(PlainKernels.winners(x, e)).mapToDouble(i -> x[i]).toArray();
    assertThat(y.toArray()).isEqualTo(Numbers.floats(expected));
  }

  @ParameterizedTest
  @MethodSource("windows")
  void givesEachGradientToTheFirstOfTheLargest(Window e) {
    double[] x = numbers.normal(e.inputs());
    Arrays.setAll(x, i -> Math.max(0, x[i])); // as after a ReLU, where many are equal
    double[] dy = Arrays.stream(numbers.normal(outputs(e))).map(Math::rint).toArray();
    double[] expected = new double[e.inputs()];
    int[] winners = PlainKernels.winners(x, e);
    for (int i = 0; i < winners.length; i++) {
      expected[winners[i]] += dy[i];
    }
    Tensor dx = images(numbers.normal(e.inputs()), e);
    kernels.maxPoolBackward(images(x, e), gradients(dy, e), e.k(), e.stride(), e.padding(), dx);
    assertThat(dx.toArray()).isEqualTo(Numbers.floats(expected));
  }

  @Test
  void gradientMatchesFiniteDifferences() {
    Window e = new Window(2, 3, 6, 5, 3, 3, 2, 1);
    double[] x = numbers.normal(e.inputs());
    double[] dy = numbers.normal(outputs(e));
    Tensor dx = images(numbers.normal(e.inputs()), e);
    kernels.maxPoolBackward(images(x, e), gradients(dy, e), e.k(), e.stride(), e.padding(), dx);
    numbers.assertGradient(
        v -> dot(dy, Arrays.stream(PlainKernels.winners(v, e)).mapToDouble(i -> v[i]).toArray()),
        x,
        dx.toArray(),
        1e-6);
  }

  /** Worked out by hand: what is outside never wins, not even among negative numbers. */
  @Test
  void leavesOutWhatLiesOutsideOfTheImage() {
    Tensor x = numbers.tensor(new double[] {-5, -2, -3, -4, -9, -6, -7, -8, -1}, 1, 3, 3, 1);
    Tensor y = kernels.allocate(1, 2, 2, 1);
    kernels.maxPool(x, 3, 2, 1, y);
    assertThat(y.toArray()).containsExactly(-2, -2, -4, -1);
    Tensor dy = numbers.tensor(new double[] {1, 10, 100, 1000}, 1, 2, 2, 1);
    Tensor dx = kernels.allocate(1, 3, 3, 1);
    kernels.maxPoolBackward(x, dy, 3, 2, 1, dx);
    assertThat(dx.toArray()).containsExactly(0, 11, 0, 100, 0, 0, 0, 0, 1000);
  }

  @Test
  void namesKernelAndShapesThatDoNotFit() {
    Tensor x = kernels.allocate(2, 5, 4, 3);
    Tensor y = kernels.allocate(2, 3, 2, 3);
    assertThatThrownBy(() -> kernels.maxPool(kernels.allocate(6, 4), 3, 2, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxPool: x has shape [6, 4], expected (B, H, W, C)");
    assertThatThrownBy(() -> kernels.maxPool(x, 3, 2, 1, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxPool: y has shape [2, 5, 4, 3], expected [2, 3, 2, 3]");
    assertThatThrownBy(() -> kernels.maxPool(x, 3, 2, 2, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("size=3, stride=2, padding=2");
    assertThatThrownBy(() -> kernels.maxPool(x, 7, 2, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxPool: x has shape [2, 5, 4, 3], expected H and W of 5 or more");
    assertThatThrownBy(() -> kernels.maxPoolBackward(x, x, 3, 2, 1, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxPoolBackward: dy");
    assertThatThrownBy(() -> kernels.maxPoolBackward(x, y, 3, 2, 1, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxPoolBackward: dx");
  }

  private static int outputs(Window e) {
    return e.b() * e.c() * e.down() * e.across();
  }

  private Tensor images(double[] x, Window e) {
    return numbers.view(x, e.b(), e.h(), e.w(), e.c());
  }

  private Tensor gradients(double[] dy, Window e) {
    return numbers.view(dy, e.b(), e.down(), e.across(), e.c());
  }
}
