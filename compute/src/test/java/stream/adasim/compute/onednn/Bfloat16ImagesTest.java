package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/** What takes images, with images in bfloat16, against the reference on the same numbers. */
class Bfloat16ImagesTest extends Bfloat16AndReference {
  /** More than the rounding of a result, less than that of a few sums of results. */
  private static final double CLOSE = 4e-3;

  /** Tensors of one backend; those that are images come as the other's are. */
  private record Side(Kernels kernels) {
    /** Images of normal numbers that bfloat16 holds. */
    Tensor images(int seed, int... shape) {
      float[] values = floats(seed, shape).toArray();
      for (int i = 0; i < values.length; i++) {
        int bits = Float.floatToIntBits(values[i]);
        values[i] = Float.intBitsToFloat(bits & 0xffff0000);
      }
      Tensor images = kernels.allocateActivation(shape);
      images.write(values);
      return images;
    }

    Tensor floats(int seed, int... shape) {
      return Normal.tensor(kernels, seed, shape);
    }
  }

  /** Both sides' results; ours twice, which must be the same bit for bit. */
  private static void assertAgree(double within, Function<Side, List<Tensor>> computed) {
    List<Tensor> found = computed.apply(new Side(kernels));
    List<Tensor> again = computed.apply(new Side(kernels));
    List<Tensor> expected = computed.apply(new Side(reference));
    for (int i = 0; i < expected.size(); i++) {
      assertThat(Distances.relative(found.get(i).toArray(), expected.get(i).toArray()))
          .as("result %s", i)
          .isLessThan(within);
      assertThat(again.get(i).toArray()).isEqualTo(found.get(i).toArray());
    }
  }

  /** Images, channels, height, width, filters, their side, stride, padding. */
  @ParameterizedTest
  @CsvSource({
    "2, 32, 8, 8, 32, 3, 1, 1",
    "3, 33, 5, 7, 41, 3, 1, 1",
    "1, 64, 4, 4, 130, 3, 1, 2",
    "2, 64, 9, 7, 48, 3, 2, 1",
    "7, 64, 4, 4, 32, 3, 2, 1",
    "2, 16, 60, 90, 16, 3, 2, 1",
    "2, 17, 6, 6, 21, 5, 1, 2",
    "3, 32, 8, 8, 64, 1, 2, 0",
    "2, 3, 8, 8, 33, 3, 1, 1",
    "2, 3, 20, 18, 16, 7, 2, 3"
  })
  void convolutionsAgreeWithTheReference(
      int b, int c, int h, int w, int o, int k, int stride, int padding) {
    int down = (h + 2 * padding - k) / stride + 1;
    int across = (w + 2 * padding - k) / stride + 1;
    assertAgree(
        1e-2,
        side -> {
          Tensor x = side.images(1, b, h, w, c);
          Tensor weights = side.floats(2, o, c, k, k);
          Tensor dy = side.images(3, b, down, across, o);
          Tensor dw = side.floats(4, o, c, k, k);
          Tensor y = side.images(5, b, down, across, o);
          Tensor dx = side.images(6, b, h, w, c);
          side.kernels().convolution(x, weights, stride, padding, y);
          side.kernels().convolutionBackwardInput(dy, weights, stride, padding, dx);
          side.kernels().convolutionBackwardWeight(x, dy, stride, padding, dw);
          return List.of(y, dx, dw);
        });
  }

  @ParameterizedTest
  @CsvSource({
    "1,2,3,5,false,false",
    "3,9,7,33,true,false",
    "5,4,4,64,true,true",
    "9,8,8,48,false,true"
  })
  void batchNormAgreesWithTheReference(int b, int h, int w, int c, boolean relu, boolean added) {
    assertAgree(
        CLOSE,
        side -> {
          Tensor x = side.images(1, b, h, w, c);
          Tensor gamma = side.floats(2, c);
          Tensor beta = side.floats(3, c);
          Tensor means = side.floats(4, c);
          Tensor variances = positive(side, 5, c);
          @Nullable Tensor residual = added ? side.images(6, b, h, w, c) : null;
          Tensor served = side.images(7, b, h, w, c);
          side.kernels()
              .batchNormInference(x, gamma, beta, means, variances, 1e-5f, residual, relu, served);
          Tensor y = side.images(8, b, h, w, c);
          Tensor mean = side.floats(9, c);
          Tensor rstd = side.floats(10, c);
          side.kernels()
              .batchNorm(
                  x, gamma, beta, 1e-5f, 0.1f, means, variances, residual, relu, y, mean, rstd);
          return List.of(served, y, mean, rstd, means, variances);
        });
  }

  @ParameterizedTest
  @CsvSource({
    "1,2,3,5,false,false",
    "3,9,7,33,true,false",
    "5,4,4,64,true,true",
    "9,8,8,48,false,true"
  })
  void batchNormsGradientsAgreeWithTheReference(
      int b, int h, int w, int c, boolean relu, boolean added) {
    assertAgree(
        2 * CLOSE,
        side -> {
          Tensor x = side.images(1, b, h, w, c);
          Tensor gamma = side.floats(2, c);
          Tensor mean = side.floats(3, c);
          Tensor rstd = positive(side, 4, c);
          @Nullable Tensor y = relu ? side.images(5, b, h, w, c) : null;
          Tensor dy = side.images(6, b, h, w, c);
          @Nullable Tensor beside = added ? side.images(7, b, h, w, c) : null;
          Tensor dx = side.images(8, b, h, w, c);
          Tensor dgamma = side.floats(9, c);
          Tensor dbeta = side.floats(10, c);
          side.kernels().batchNormBackward(x, gamma, mean, rstd, y, dy, beside, dx, dgamma, dbeta);
          return List.of(dx, dy, dgamma, dbeta);
        });
  }

  private static Tensor positive(Side side, int seed, int c) {
    float[] values = side.floats(seed, c).toArray();
    for (int i = 0; i < c; i++) {
      values[i] = 0.5f + Math.abs(values[i]);
    }
    Tensor all = side.kernels().allocate(c);
    all.write(values);
    return all;
  }

  @Test
  void poolsAgreeWithTheReference() {
    assertAgree(
        CLOSE,
        side -> {
          Tensor x = side.images(1, 3, 9, 7, 33);
          Tensor largest = side.images(2, 3, 5, 4, 33);
          side.kernels().maxPool(x, 3, 2, 1, largest);
          Tensor dx = side.images(3, 3, 9, 7, 33);
          side.kernels().maxPoolBackward(x, side.images(4, 3, 5, 4, 33), 3, 2, 1, dx);
          Tensor mean = side.floats(5, 3, 33);
          side.kernels().globalAveragePool(x, mean);
          Tensor dMean = side.images(6, 3, 9, 7, 33);
          side.kernels().globalAveragePoolBackward(side.floats(7, 3, 33), dMean);
          return List.of(largest, dx, mean, dMean);
        });
  }

  @Test
  void planesBecomeChannelsLast() {
    Tensor planes = kernels.allocate(1, 2, 1, 3);
    planes.write(new float[] {1, 2, 3, 4, 5, 1 + 0x1p-9f});
    Tensor y = kernels.allocateActivation(1, 1, 3, 2);
    kernels.channelsLast(planes, y);
    assertThat(y.toArray()).containsExactly(1, 4, 2, 5, 3, 1);
  }

  @Test
  void imagesOfOneCallAreOfOneType() {
    Side side = new Side(kernels);
    Tensor x = side.images(1, 2, 4, 4, 32);
    Tensor floats = side.floats(2, 2, 4, 4, 32);
    Tensor w = side.floats(3, 32, 32, 3, 3);
    Tensor c = side.floats(4, 32);
    assertThatThrownBy(() -> kernels.convolution(x, w, 1, 1, floats))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("convolution: y of FLOAT32, expected one of BFLOAT16 like x");
    assertThatThrownBy(() -> kernels.batchNormInference(floats, c, c, c, c, 1, x, true, floats))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchNormInference: residual of BFLOAT16, expected one of FLOAT32 like x");
    assertThatThrownBy(() -> kernels.maxPool(x, 3, 1, 1, floats))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxPool: y of FLOAT32, expected one of BFLOAT16 like x");
    assertThatThrownBy(() -> kernels.axpy(1, x, floats))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("axpy: x of BFLOAT16, expected one of FLOAT32");
  }
}
