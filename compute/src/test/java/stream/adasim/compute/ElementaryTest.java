package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.compute.Numbers.assertClose;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Backend.class)
class ElementaryTest {
  private final Kernels kernels;
  private final Numbers numbers;

  ElementaryTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 29);
  }

  @Test
  void newTensorsAreZero() {
    assertThat(kernels.allocate(3, 1000).toArray()).containsOnly(0f);
  }

  @Test
  void viewsShareMemory() {
    Tensor flat = kernels.allocate(20);
    Tensor view = flat.view(4, 2, 3);
    Tensor inner = view.view(1, 4);
    inner.write(new float[] {1, 2, 3, 4});
    kernels.scale(10, view);
    kernels.axpy(1, flat.view(5, 1), flat.view(19, 1));
    float[] all = flat.toArray();
    assertThat(all).startsWith(0, 0, 0, 0, 0, 10, 20, 30, 40, 0, 0);
    assertThat(all[19]).isEqualTo(10);
    assertThat(view.toArray()).containsExactly(0, 10, 20, 30, 40, 0);
    float[] part = new float[4];
    inner.read(1, part, 2, 2);
    assertThat(part).containsExactly(0, 0, 20, 30);
  }

  @Test
  void viewsMustLieWithinTheirTensor() {
    Tensor view = kernels.allocate(20).view(4, 2, 3);
    assertThatThrownBy(() -> view.view(1, 6)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> view.view(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> view.write(5, new float[2], 0, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> view.read(0, new float[2], 1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1001, 70_001})
  void fillsCopiesScalesAndAdds(int size) {
    double[] x = numbers.normal(size);
    double[] y = numbers.normal(size);
    Tensor xs = numbers.view(x, size);
    Tensor ys = numbers.view(y, size);
    kernels.axpy(-0.5f, xs, ys);
    double[] expected = new double[size];
    for (int i = 0; i < size; i++) {
      expected[i] = y[i] - 0.5 * x[i];
    }
    assertClose(ys, expected, 1e-6);
    kernels.copy(xs, ys);
    assertThat(ys.toArray()).isEqualTo(Numbers.floats(x));
    kernels.scale(4, ys);
    for (int i = 0; i < size; i++) {
      expected[i] = 4 * x[i];
    }
    assertClose(ys, expected, 0);
    kernels.fill(ys, 0.75f);
    assertThat(ys.toArray()).containsOnly(0.75f);
    assertThat(xs.toArray()).isEqualTo(Numbers.floats(x));
  }

  @Test
  void fillAndScaleTouchNothingBesideTheirView() {
    Tensor flat = kernels.allocate(9);
    kernels.fill(flat, 1);
    kernels.fill(flat.view(3, 3), 2);
    kernels.scale(2, flat.view(6, 1));
    assertThat(flat.toArray()).containsExactly(1, 1, 1, 2, 2, 2, 2, 1, 1);
  }

  @ParameterizedTest
  @CsvSource({"1,1,0,1,1", "6,3,0,3,2", "6,3,1,2,3", "65,7,4,13,5", "130,96,0,65,2", "9,1,2,3,2"})
  void gathersRowsAndScattersThemBack(int rows, int d, int first, int stride, int n) {
    double[] x = numbers.normal(rows * d);
    Tensor xs = numbers.view(x, rows, d);
    Tensor y = numbers.view(new double[n * d], n, d);
    kernels.gatherRows(xs, first, stride, y);
    double[] expected = new double[n * d];
    double[] sum = x.clone();
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < d; c++) {
        int from = (first + i * stride) * d + c;
        expected[i * d + c] = x[from];
        sum[from] += x[from];
      }
    }
    assertClose(y, expected, 0);
    kernels.scatterAddRows(y, first, stride, xs);
    assertClose(xs, sum, 0);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "7,1", "33,65", "1000,128"})
  void scalesRowsAsideAndInPlace(int rows, int columns) {
    double[] x = numbers.normal(rows * columns);
    double[] factors = numbers.normal(rows);
    Tensor xs = numbers.view(x, rows, columns);
    Tensor y = numbers.view(numbers.normal(x.length), rows, columns);
    double[] expected = new double[x.length];
    Arrays.setAll(expected, i -> x[i] * factors[i / columns]);
    kernels.scaleRows(xs, numbers.view(factors, rows), y);
    assertClose(y, expected, 1e-7);
    assertThat(xs.toArray()).isEqualTo(Numbers.floats(x));
    kernels.scaleRows(xs, numbers.view(factors, rows), xs);
    assertClose(xs, expected, 1e-7);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "7,1", "33,65", "1000,128"})
  void averagesColumns(int rows, int columns) {
    double[] x = numbers.normal(rows * columns);
    Tensor out = numbers.view(numbers.normal(columns), columns);
    kernels.columnMean(numbers.view(x, rows, columns), out);
    double[] expected = new double[columns];
    for (int i = 0; i < x.length; i++) {
      expected[i % columns] += x[i] / rows;
    }
    assertClose(out, expected, 1e-5);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "1,3,1,2", "3,1,5,7", "5,33,7,3", "40,3,32,32"})
  void putsChannelsLast(int b, int c, int h, int w) {
    double[] x = numbers.normal(b * c * h * w);
    double[] expected = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int pixel = i % (h * w);
      int channel = i / (h * w) % c;
      int image = i / (h * w * c);
      expected[(image * h * w + pixel) * c + channel] = x[i];
    }
    Tensor y = numbers.view(numbers.normal(x.length), b, h, w, c);
    kernels.channelsLast(numbers.view(x, b, c, h, w), y);
    assertClose(y, expected, 0);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "1,3,1,2", "3,1,5,7", "5,33,7,3", "2,64,33,31"})
  void averagesPixelsAndSpreadsTheGradient(int b, int c, int h, int w) {
    double[] x = numbers.normal(b * c * h * w);
    double[] dy = numbers.normal(b * c);
    double[] mean = new double[b * c];
    double[] slope = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int feature = i / (h * w * c) * c + i % c;
      mean[feature] += x[i] / (h * w);
      slope[i] = dy[feature] / (h * w);
    }
    Tensor y = numbers.view(numbers.normal(b * c), b, c);
    kernels.globalAveragePool(numbers.view(x, b, h, w, c), y);
    assertClose(y, mean, 1e-5);
    Tensor dx = numbers.view(x, b, h, w, c);
    kernels.globalAveragePoolBackward(numbers.view(dy, b, c), dx);
    assertClose(dx, slope, 1e-6);
  }

  @Test
  void namesKernelAndShapesThatDoNotFit() {
    Tensor a = kernels.allocate(4, 3);
    Tensor b = kernels.allocate(4);
    assertThatThrownBy(() -> kernels.copy(a, b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("copy: y has shape [4], expected 12 elements");
    assertThatThrownBy(() -> kernels.axpy(1, a, b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("axpy: y");
    assertThatThrownBy(() -> kernels.gatherRows(a, 1, 2, kernels.allocate(3, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gatherRows: x has shape [4, 3], expected more than 5 rows of 3");
    assertThatThrownBy(() -> kernels.scatterAddRows(kernels.allocate(2, 3), 0, 0, a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stride=0");
    assertThatThrownBy(() -> kernels.scaleRows(b, b, b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scaleRows: factors has shape [4], expected 1 elements");
    assertThatThrownBy(() -> kernels.columnMean(a, b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("columnMean: out has shape [4], expected 3 elements");
    assertThatThrownBy(() -> kernels.channelsLast(a, a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channelsLast: x has shape [4, 3], expected (B, C, H, W)");
    Tensor images = kernels.allocate(4, 2, 3, 5);
    assertThatThrownBy(() -> kernels.channelsLast(images, images))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channelsLast: y has shape [4, 2, 3, 5], expected [4, 3, 5, 2]");
    assertThatThrownBy(() -> kernels.globalAveragePool(a, b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("globalAveragePool: x has shape [4, 3], expected (B, H, W, C)");
    assertThatThrownBy(() -> kernels.globalAveragePool(kernels.allocate(4, 3, 3, 2), a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("globalAveragePool: y has shape [4, 3], expected [4, 2]");
    assertThatThrownBy(() -> kernels.globalAveragePoolBackward(a, kernels.allocate(4, 3, 3, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("globalAveragePoolBackward: dy");
    assertThatThrownBy(() -> kernels.allocate(3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 or more");
  }
}
