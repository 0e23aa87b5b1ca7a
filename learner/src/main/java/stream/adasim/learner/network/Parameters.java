package stream.adasim.learner.network;

import static stream.adasim.learner.network.ParameterLayout.LAST_LAYER;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * A flat buffer in the order of a {@link ParameterLayout}, and views of its parameters: weights or
 * gradients.
 */
public final class Parameters {
  /** Views of the head's parameters; H is hidden, N bottleneck, K prototypes. */
  record Head(
      Tensor weight1, // (H, D)
      Tensor bias1, // (H)
      Tensor weight2, // (H, H)
      Tensor bias2, // (H)
      Tensor weight3, // (N, H)
      Tensor bias3, // (N)
      Tensor last) {} // (K, N)

  private final Tensor flat;
  private final ParameterLayout layout;
  private final BackboneWeights backbone;
  private final @Nullable Head head;

  private Parameters(
      Tensor flat, ParameterLayout layout, BackboneWeights backbone, @Nullable Head head) {
    this.flat = flat;
    this.layout = layout;
    this.backbone = backbone;
    this.head = head;
  }

  /** A whole network of zeros. */
  public static Parameters allocate(
      Kernels kernels, Architecture architecture, ParameterLayout layout) {
    Tensor flat = kernels.allocate(layout.size());
    var views = new Views(flat, layout, 0, layout.trainedSize());
    var head =
        new Head(
            views.of("head.linear1.weight"),
            views.of("head.linear1.bias"),
            views.of("head.linear2.weight"),
            views.of("head.linear2.bias"),
            views.of("head.linear3.weight"),
            views.of("head.linear3.bias"),
            views.of(LAST_LAYER));
    return new Parameters(flat, layout, BackboneWeights.of(architecture, views), head);
  }

  /** A backbone of zeros, without a head: its range of the layout, then its statistics. */
  static Parameters allocateBackbone(
      Kernels kernels, Architecture architecture, ParameterLayout layout) {
    int statistics = layout.size() - layout.trainedSize();
    Tensor flat = kernels.allocate(layout.backboneSize() + statistics);
    var views = new Views(flat, layout, layout.backboneOffset(), layout.backboneSize());
    return new Parameters(flat, layout, BackboneWeights.of(architecture, views), null);
  }

  /**
   * Finds parameters in a flat buffer.
   *
   * @param start element of the layout that the buffer begins with
   * @param statistics element of the buffer that the running statistics begin with
   */
  record Views(Tensor flat, ParameterLayout layout, int start, int statistics) {
    Tensor of(String name) {
      return at(name, layout.slice(name).shape().stream().mapToInt(Integer::intValue).toArray());
    }

    /** As much as the shape holds, from the first element of a parameter on. */
    Tensor at(String name, int... shape) {
      int offset = layout.slice(name).offset();
      int trained = layout.trainedSize();
      return flat.view(offset < trained ? offset - start : offset - trained + statistics, shape);
    }
  }

  /**
   * Takes over a whole network's weights, or of them what this holds.
   *
   * @param weights flat, in the order of the layout
   */
  void write(float[] weights) {
    if (head != null) {
      flat.write(weights);
      return;
    }
    int backbone = layout.backboneSize();
    flat.write(0, weights, layout.backboneOffset(), backbone);
    flat.write(backbone, weights, layout.trainedSize(), layout.size() - layout.trainedSize());
  }

  /** All elements, in the order of the layout. */
  public Tensor flat() {
    return flat;
  }

  /** What training moves: all but running statistics. */
  public Tensor trained() {
    return flat.view(0, layout.trainedSize());
  }

  VitWeights vit() {
    if (backbone instanceof VitWeights vit) {
      return vit;
    }
    throw new IllegalStateException("these parameters are not a vision transformer's");
  }

  ResNetWeights resNet() {
    if (backbone instanceof ResNetWeights resNet) {
      return resNet;
    }
    throw new IllegalStateException("these parameters are not a residual network's");
  }

  Head head() {
    if (head == null) {
      throw new IllegalStateException("these parameters are a backbone's and hold no head");
    }
    return head;
  }
}
