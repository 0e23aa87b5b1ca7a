package stream.adasim.compute;

import java.util.List;

/** Every kernel of convolutional networks once, from C channels to O. */
final class ConvolutionStep {
  private final Kernels kernels;
  private final Tensor planes; // (B, C, 4, 4)
  private final Tensor images; // (B, 4, 4, C)
  private final Tensor filters; // (O, C, 3, 3)
  private final Tensor filtered; // (B, 2, 2, O)
  private final Tensor gamma; // (O)
  private final Tensor beta; // (O)
  private final Tensor runningMean; // (O)
  private final Tensor runningVariance; // (O)
  private final Tensor mean; // (O)
  private final Tensor rstd; // (O)
  private final Tensor normed; // (B, 2, 2, O)
  private final Tensor innerFilters; // (O, O, 3, 3)
  private final Tensor inner; // (B, 2, 2, O)
  private final Tensor largest; // (B, 1, 1, O)
  private final Tensor pooled; // (B, O)
  private final Tensor dInner; // (B, 2, 2, O)
  private final Tensor dNormed; // (B, 2, 2, O)
  private final Tensor dFiltered; // (B, 2, 2, O)
  private final Tensor dInnerFilters; // (O, O, 3, 3)
  private final Tensor dFilters; // (O, C, 3, 3)
  private final Tensor dImages; // (B, 4, 4, C)

  ConvolutionStep(Kernels kernels, int batch, int c, int o) {
    this.kernels = kernels;
    planes = kernels.allocate(batch, c, 4, 4);
    images = kernels.allocate(batch, 4, 4, c);
    filters = kernels.allocate(o, c, 3, 3);
    filtered = kernels.allocate(batch, 2, 2, o);
    gamma = kernels.allocate(o);
    beta = kernels.allocate(o);
    runningMean = kernels.allocate(o);
    runningVariance = kernels.allocate(o);
    mean = kernels.allocate(o);
    rstd = kernels.allocate(o);
    normed = kernels.allocate(batch, 2, 2, o);
    innerFilters = kernels.allocate(o, o, 3, 3);
    inner = kernels.allocate(batch, 2, 2, o);
    largest = kernels.allocate(batch, 1, 1, o);
    pooled = kernels.allocate(batch, o);
    dInner = kernels.allocate(batch, 2, 2, o);
    dNormed = kernels.allocate(batch, 2, 2, o);
    dFiltered = kernels.allocate(batch, 2, 2, o);
    dInnerFilters = kernels.allocate(o, o, 3, 3);
    dFilters = kernels.allocate(o, c, 3, 3);
    dImages = kernels.allocate(batch, 4, 4, c);
  }

  /** What is read, and what is written. */
  List<Tensor> tensors() {
    return List.of(
        planes,
        images,
        filters,
        filtered,
        gamma,
        beta,
        runningMean,
        runningVariance,
        mean,
        rstd,
        normed,
        innerFilters,
        inner,
        largest,
        pooled,
        dInner,
        dNormed,
        dFiltered,
        dInnerFilters,
        dFilters,
        dImages);
  }

  void run() {
    kernels.channelsLast(planes, images);
    kernels.convolution(images, filters, 2, 1, filtered);
    kernels.batchNorm(
        filtered,
        gamma,
        beta,
        1e-5f,
        1,
        runningMean,
        runningVariance,
        null,
        true,
        normed,
        mean,
        rstd);
    kernels.convolution(normed, innerFilters, 1, 1, inner);
    kernels.maxPool(inner, 3, 2, 1, largest);
    kernels.globalAveragePool(largest, pooled);
    kernels.globalAveragePoolBackward(pooled, largest);
    kernels.maxPoolBackward(inner, largest, 3, 2, 1, dInner);
    kernels.convolutionBackwardWeight(normed, dInner, 1, 1, dInnerFilters);
    kernels.convolutionBackwardInput(dInner, innerFilters, 1, 1, dNormed);
    kernels.batchNormBackward(
        filtered, gamma, mean, rstd, normed, dNormed, dInner, dFiltered, gamma, beta);
    kernels.convolutionBackwardWeight(images, dFiltered, 2, 1, dFilters);
    kernels.convolutionBackwardInput(dFiltered, filters, 2, 1, dImages);
    kernels.batchNormInference(
        filtered, gamma, beta, runningMean, runningVariance, 1e-5f, inner, true, normed);
  }
}
