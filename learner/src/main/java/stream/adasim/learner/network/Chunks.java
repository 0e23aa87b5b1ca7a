package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.List;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * A backbone that takes a batch chunk by chunk, so that the activations of a chunk stay in a core's
 * cache from one kernel to the next; whole where training couples images. Works like {@link
 * Backbone}: own buffers, one backward per forward, not thread-safe; the batch is fixed.
 */
public final class Chunks {
  // Rows of a matrix product. Forward alone, what a chunk computes should stay in the cache from
  // one
  // kernel to the next; a backward's products over rows want more of them.
  private static final int ROWS = 256;
  private static final int ROWS_OF_TRAINING = 1024;

  // What a convolution's kernels are busy with, and an embedding waits for no others.
  private static final int IMAGES = 16;

  private final Kernels kernels;
  private final Architecture architecture;
  private final int side;
  private final List<Chunk> chunks = new ArrayList<>();

  private record Chunk(Backbone backbone, int first, int images) {}

  private Chunks(
      Kernels kernels,
      Architecture architecture,
      int side,
      int batch,
      boolean training,
      double dropPath) {
    this.kernels = kernels;
    this.architecture = architecture;
    this.side = side;
    BackboneShape shape = architecture.backbone();
    int rows = training ? ROWS_OF_TRAINING : ROWS;
    int count =
        shape.couplesImages()
            ? 1
            : Math.ceilDiv(batch, imagesPerChunk(shape.withImageSize(side), rows));
    int most = Math.ceilDiv(batch, count);
    Backbone shared = training ? null : Backbone.forInference(kernels, shape, most);
    for (int i = 0; i < count; i++) {
      int first = batch * i / count;
      int images = batch * (i + 1) / count - first;
      chunks.add(
          new Chunk(
              shared == null
                  ? Backbone.forTraining(kernels, shape, side, images, dropPath)
                  : shared,
              first,
              images));
    }
  }

  /** One that keeps what the backward needs, for batches of exactly so many images. */
  public static Chunks forTraining(
      Kernels kernels, Architecture architecture, int batch, double dropPath) {
    return forTraining(kernels, architecture, architecture.imageSize(), batch, dropPath);
  }

  /**
   * The same for images of another size.
   *
   * @param side of the images; smaller than the architecture's for local views
   */
  public static Chunks forTraining(
      Kernels kernels, Architecture architecture, int side, int batch, double dropPath) {
    return new Chunks(kernels, architecture, side, batch, true, dropPath);
  }

  /** One without a backward. */
  public static Chunks forInference(Kernels kernels, Architecture architecture, int batch) {
    return new Chunks(kernels, architecture, architecture.imageSize(), batch, false, 0);
  }

  /** The most images that should be embedded at once. */
  static int imagesPerChunk(BackboneShape shape) {
    return imagesPerChunk(shape, ROWS);
  }

  private static int imagesPerChunk(BackboneShape shape, int rows) {
    return switch (shape) {
      case VitShape vit -> Math.max(1, rows / vit.tokens());
      case ResNetShape _ -> IMAGES;
    };
  }

  /**
   * Features of images.
   *
   * @param images (batch, 3, S, S), of its side
   * @param features (batch, D), written, not normalised
   */
  public void forward(Parameters weights, Tensor images, Tensor features, Pass pass) {
    for (Chunk chunk : chunks) {
      long first = (long) chunk.first * Architecture.CHANNELS * side * side;
      Tensor part = images.view(first, chunk.images, Architecture.CHANNELS, side, side);
      Tensor found =
          chunk.backbone.forward(weights, part, chunk.images, pass.from(chunk.first)); // (b, D)
      kernels.copy(found, rows(features, chunk));
    }
  }

  /**
   * Adds the gradients of the backbone's parameters, for the images of the last {@link #forward}.
   *
   * @param weights those of the forward
   * @param dFeatures (batch, D)
   * @param gradients accumulated into
   */
  public void backward(Parameters weights, Tensor dFeatures, Parameters gradients) {
    for (Chunk chunk : chunks) {
      chunk.backbone.backward(weights, rows(dFeatures, chunk), gradients, chunk.images);
    }
  }

  private Tensor rows(Tensor features, Chunk chunk) {
    int dim = architecture.dim();
    return features.view((long) chunk.first * dim, chunk.images, dim);
  }
}
