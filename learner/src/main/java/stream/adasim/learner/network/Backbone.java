package stream.adasim.learner.network;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * What makes features of images, forward and backward.
 *
 * <p>Weights are passed in, buffers are its own: what {@link #forward} returns holds until the next
 * call, and {@link #backward} goes with the forward just before it. Not thread-safe; several may
 * work side by side on the same weights, each with gradients of its own, where the shape doesn't
 * {@linkplain BackboneShape#couplesImages() couple images} or the pass is {@link Pass.Embed}.
 */
public sealed interface Backbone permits VisionTransformer, ResNet {

  /**
   * One that keeps what the backward needs.
   *
   * @param side of the images; smaller than the shape's for local views
   * @param maxBatch most images of a call
   * @param dropPath rate of stochastic depth in the last block, 0 for none
   * @throws IllegalArgumentException if dropPath is not within 0..1, below 1, or the shape has no
   *     stochastic depth
   */
  static Backbone forTraining(
      Kernels kernels, BackboneShape shape, int side, int maxBatch, double dropPath) {
    return switch (shape) {
      case VitShape vit -> VisionTransformer.forTraining(kernels, vit, side, maxBatch, dropPath);
      case ResNetShape resNet -> {
        if (dropPath != 0) {
          throw new IllegalArgumentException(
              "dropPath="
                  + dropPath
                  + " must be 0: stochastic depth is for vision transformers here");
        }
        yield ResNet.forTraining(kernels, resNet.withImageSize(side), maxBatch);
      }
    };
  }

  /** One without a backward, whose layers share their buffers. */
  static Backbone forInference(Kernels kernels, BackboneShape shape, int maxBatch) {
    return switch (shape) {
      case VitShape vit -> VisionTransformer.forInference(kernels, vit, maxBatch);
      case ResNetShape resNet -> ResNet.forInference(kernels, resNet, maxBatch);
    };
  }

  /** The most images of one call. */
  int maxBatch();

  /**
   * Features of images.
   *
   * @param weights whose running statistics, if there are any, move unless the pass embeds
   * @param images (batch, 3, S, S); to stay as they are until the backward
   * @param batch from 1 to maxBatch
   * @return (batch, D), not normalised; overwritten by the next call
   */
  Tensor forward(Parameters weights, Tensor images, int batch, Pass pass);

  /**
   * Adds the gradients of the backbone's parameters, for the images of the last {@link #forward}.
   *
   * @param weights those of the forward
   * @param dFeatures (batch, D)
   * @param gradients accumulated into
   * @throws IllegalStateException if this one was made for inference
   */
  void backward(Parameters weights, Tensor dFeatures, Parameters gradients, int batch);
}
