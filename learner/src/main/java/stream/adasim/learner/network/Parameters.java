package stream.adasim.learner.network;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * A flat buffer in the order of a {@link ParameterLayout}, and views of its parameters: weights or
 * gradients.
 */
public final class Parameters {
  private final Tensor flat;
  private final ParameterLayout layout;
  private final BackboneWeights backbone;
  private final @Nullable HeadWeights head;
  private long written; // how often

  private Parameters(
      Tensor flat, ParameterLayout layout, BackboneWeights backbone, @Nullable HeadWeights head) {
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
    var head = HeadWeights.of(architecture, views);
    return new Parameters(flat, layout, BackboneWeights.of(architecture, views), head);
  }

  /** A backbone of zeros, without a head: its range of the layout, then its statistics. */
  static Parameters allocateBackbone(
      Kernels kernels, Architecture architecture, ParameterLayout layout) {
    Tensor flat = kernels.allocate(layout.backboneSize() + layout.backboneStatistics());
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
    written++;
    if (head != null) {
      flat.write(weights);
      return;
    }
    int backbone = layout.backboneSize();
    flat.write(0, weights, layout.backboneOffset(), backbone);
    flat.write(backbone, weights, layout.trainedSize(), layout.backboneStatistics());
  }

  /** How often {@link #write} has been called; what kernels write doesn't count. */
  long written() {
    return written;
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

  PrototypeWeights prototypes() {
    if (head instanceof PrototypeWeights prototypes) {
      return prototypes;
    }
    throw new IllegalStateException("these parameters hold no prototypes");
  }

  MlpWeights mlp() {
    if (head instanceof MlpWeights mlp) {
      return mlp;
    }
    throw new IllegalStateException("these parameters hold no projector");
  }
}
