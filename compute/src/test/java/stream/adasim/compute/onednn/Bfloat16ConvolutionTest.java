package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/** Convolutions by products in bfloat16 against the reference, emulated where need be. */
class Bfloat16ConvolutionTest extends Bfloat16AndReference {
  /** Images, channels, height, width, filters, their side, stride, padding. */
  @ParameterizedTest
  @CsvSource({
    "2, 32, 8, 8, 32, 3, 1, 1",
    "3, 33, 5, 7, 40, 3, 1, 1",
    "1, 64, 4, 4, 130, 3, 1, 2",
    "2, 64, 9, 7, 48, 3, 2, 1",
    "2, 17, 6, 6, 21, 5, 1, 2",
    "3, 32, 8, 8, 64, 1, 2, 0",
    "2, 16, 3, 3, 5, 1, 1, 0"
  })
  void convolutionsAgreeWithTheReference(
      int b, int c, int h, int w, int o, int k, int stride, int padding) {
    int[] shape = {b, c, h, w, o, k, stride, padding};
    float[][] found = all(kernels, shape);
    float[][] expected = all(reference, shape);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Distances.relative(found[i], expected[i]))
          .as("result %s", i)
          .isBetween(1e-4, 1e-2);
    }
    assertThat(all(kernels, shape)).isDeepEqualTo(found);
  }

  /** Output, gradient of the inputs, and of the filters, added to what was there. */
  private static float[][] all(Kernels kernels, int[] s) {
    int down = (s[2] + 2 * s[7] - s[5]) / s[6] + 1;
    int across = (s[3] + 2 * s[7] - s[5]) / s[6] + 1;
    Tensor x = Normal.tensor(kernels, 1, s[0], s[2], s[3], s[1]);
    Tensor w = Normal.tensor(kernels, 2, s[4], s[1], s[5], s[5]);
    Tensor dy = Normal.tensor(kernels, 3, s[0], down, across, s[4]);
    Tensor dw = Normal.tensor(kernels, 4, s[4], s[1], s[5], s[5]);
    Tensor y = kernels.allocate(s[0], down, across, s[4]);
    Tensor dx = kernels.allocate(s[0], s[2], s[3], s[1]);
    kernels.convolution(x, w, s[6], s[7], y);
    kernels.convolutionBackwardInput(dy, w, s[6], s[7], dx);
    kernels.convolutionBackwardWeight(x, dy, s[6], s[7], dw);
    return new float[][] {y.toArray(), dx.toArray(), dw.toArray()};
  }
}
