package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.compute.Numbers.added;
import static stream.adasim.compute.Numbers.assertClose;
import static stream.adasim.compute.Numbers.dot;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Backend.class)
class AttentionTest {
  private final Kernels kernels;
  private final Numbers numbers;

  AttentionTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 13);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "1,5,1,3", "3,1,2,4", "2,7,3,5", "5,17,2,8", "9,65,3,24"})
  void attendsLikePlainCode(int b, int t, int heads, int d) {
    double[] qkv = numbers.normal(b * t * 3 * heads * d);
    Tensor p = numbers.view(new double[b * heads * t * t], b, heads, t, t);
    Tensor out = numbers.view(new double[b * t * heads * d], b * t, heads * d);
    kernels.attention(numbers.view(qkv, b * t, 3 * heads * d), b, heads, p, out);
    PlainKernels.Attention expected = PlainKernels.attention(qkv, b, t, heads, d);
    assertClose(p, expected.probabilities(), 1e-5);
    assertClose(out, expected.out(), 1e-5);
  }

  @ParameterizedTest
  @CsvSource({"3,1,2,4", "1,2,1,1", "1,5,1,3", "3,2,2,4", "2,7,3,5", "5,17,2,8"})
  void backwardMatchesFiniteDifferences(int b, int t, int heads, int d) {
    int width = heads * d;
    double[] qkv = numbers.normal(b * t * 3 * width);
    double[] dout = numbers.normal(b * t * width);
    Tensor in = numbers.view(qkv, b * t, 3 * width);
    Tensor p = numbers.view(new double[b * heads * t * t], b, heads, t, t);
    kernels.attention(in, b, heads, p, kernels.allocate(b * t, width));
    Tensor scratch = kernels.allocate(b, heads, t, t);
    Tensor dqkv = numbers.view(numbers.normal(qkv.length), b * t, 3 * width);
    kernels.attentionBackward(in, b, heads, p, numbers.view(dout, b * t, width), scratch, dqkv);
    numbers.assertGradient(
        v -> dot(dout, PlainKernels.attention(v, b, t, heads, d).out()), qkv, dqkv.toArray(), 2e-5);
  }

  @ParameterizedTest
  @CsvSource({"1,3,4,4,2", "2,1,6,4,2", "3,3,8,8,4", "2,2,3,5,1", "5,3,32,32,4"})
  void cutsPatchesLikePlainCode(int b, int c, int h, int w, int p) {
    double[] images = numbers.normal(b * c * h * w);
    Tensor out = numbers.view(new double[images.length], b * h / p * (w / p), c * p * p);
    kernels.patches(numbers.view(images, b, c, h, w), p, out);
    assertClose(out, PlainKernels.patches(images, b, c, h, w, p), 0);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "1,1,4,3", "3,1,1,5", "4,1,16,7", "9,1,64,96", "1,2,1,1", "4,5,16,7"})
  void putsTokensTogetherLikePlainCode(int b, int p, int t, int d) {
    double[] x = numbers.normal(b * t * d);
    double[] prefix = numbers.normal(p * d);
    double[] pos = numbers.normal((t + 1) * d);
    Tensor out = numbers.view(numbers.normal(b * (p + t) * d), b * (p + t), d);
    Tensor first = p == 1 ? numbers.view(prefix, d) : numbers.view(prefix, p, d);
    kernels.tokens(numbers.view(x, b * t, d), first, numbers.view(pos, t + 1, d), b, out);
    assertClose(out, PlainKernels.tokens(x, prefix, pos, b, d), 1e-7);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "1,1,4,3", "3,1,1,5", "4,1,16,7", "1,3,1,2", "4,5,16,7"})
  void tokensBackwardMatchesFiniteDifferences(int b, int p, int t, int d) {
    double[] x = numbers.normal(b * t * d);
    double[] prefix = numbers.normal(p * d);
    double[] pos = numbers.normal((t + 1) * d);
    double[] dout = numbers.normal(b * (p + t) * d);
    double[] dprefix0 = numbers.normal(p * d);
    double[] dpos0 = numbers.normal((t + 1) * d);
    Tensor dx = numbers.view(numbers.normal(x.length), b * t, d);
    Tensor dprefix = numbers.view(dprefix0, p, d);
    Tensor dpos = numbers.view(dpos0, t + 1, d);
    kernels.tokensBackward(numbers.view(dout, b * (p + t), d), b, dx, dprefix, dpos);
    numbers.assertGradient(
        v -> dot(dout, PlainKernels.tokens(v, prefix, pos, b, d)), x, dx.toArray(), 1e-6);
    numbers.assertGradient(
        v -> dot(dout, PlainKernels.tokens(x, v, pos, b, d)),
        prefix,
        added(dprefix, dprefix0),
        1e-5);
    numbers.assertGradient(
        v -> dot(dout, PlainKernels.tokens(x, prefix, v, b, d)), pos, added(dpos, dpos0), 1e-5);
  }

  @Test
  void namesKernelAndShapesThatDoNotFit() {
    Tensor qkv = kernels.allocate(6, 12);
    Tensor p = kernels.allocate(2, 2, 3, 3);
    Tensor out = kernels.allocate(6, 4);
    assertThatThrownBy(() -> kernels.attention(qkv, 4, 2, p, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("attention: qkv has shape [6, 12]")
        .hasMessageContaining("batch=4");
    assertThatThrownBy(() -> kernels.attention(qkv, 2, 3, p, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 heads=9");
    assertThatThrownBy(() -> kernels.attention(qkv, 2, 2, out, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("probabilities");
    assertThatThrownBy(() -> kernels.attentionBackward(qkv, 2, 2, p, out, out, qkv))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scratch");
    assertThatThrownBy(() -> kernels.patches(kernels.allocate(1, 3, 5, 4), 2, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("patchSize=2");
    assertThatThrownBy(
            () -> kernels.tokens(out, kernels.allocate(4), kernels.allocate(3, 4), 2, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pos has shape [3, 4], expected (4, 4)");
    assertThatThrownBy(
            () -> kernels.tokensBackward(out, 4, out, kernels.allocate(4), kernels.allocate(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("batch=4");
  }
}
