package stream.adasim.learner.network;

import static stream.adasim.learner.network.ParameterLayout.LAST_LAYER;
import static stream.adasim.learner.network.ParameterLayout.block;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * A flat buffer in the order of a {@link ParameterLayout}, and views of its parameters: weights or
 * gradients.
 */
public final class Parameters {
  /** Views of the backbone's parameters. */
  record Backbone(
      Tensor patchWeight, // (D, 3 p p)
      Tensor patchBias, // (D)
      Tensor cls, // (D)
      Tensor pos, // (T, D)
      List<Block> blocks,
      Tensor gamma, // (D)
      Tensor beta) {} // (D)

  /** Views of one block's parameters; M is the width of its hidden layer. */
  record Block(
      Tensor norm1Gamma, // (D)
      Tensor norm1Beta, // (D)
      Tensor qkvWeight, // (3 D, D)
      Tensor qkvBias, // (3 D)
      Tensor projectionWeight, // (D, D)
      Tensor projectionBias, // (D)
      Tensor norm2Gamma, // (D)
      Tensor norm2Beta, // (D)
      Tensor mlp1Weight, // (M, D)
      Tensor mlp1Bias, // (M)
      Tensor mlp2Weight, // (D, M)
      Tensor mlp2Bias) {} // (D)

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
  private final int start;
  private final Backbone backbone;
  private final @Nullable Head head;

  private Parameters(Tensor flat, int start, Backbone backbone, @Nullable Head head) {
    this.flat = flat;
    this.start = start;
    this.backbone = backbone;
    this.head = head;
  }

  /** A whole network of zeros. */
  public static Parameters allocate(
      Kernels kernels, Architecture architecture, ParameterLayout layout) {
    Tensor flat = kernels.allocate(layout.size());
    var views = new Views(flat, layout, 0);
    var head =
        new Head(
            views.of("head.linear1.weight"),
            views.of("head.linear1.bias"),
            views.of("head.linear2.weight"),
            views.of("head.linear2.bias"),
            views.of("head.linear3.weight"),
            views.of("head.linear3.bias"),
            views.of(LAST_LAYER));
    return new Parameters(flat, 0, views.backbone(architecture.depth()), head);
  }

  /** A backbone of zeros, without a head; its flat buffer is the layout's backbone range. */
  static Parameters allocateBackbone(
      Kernels kernels, Architecture architecture, ParameterLayout layout) {
    Tensor flat = kernels.allocate(layout.backboneSize());
    var views = new Views(flat, layout, layout.backboneOffset());
    return new Parameters(
        flat, layout.backboneOffset(), views.backbone(architecture.depth()), null);
  }

  /** All elements, in the order of the layout. */
  public Tensor flat() {
    return flat;
  }

  /** The element of the layout that the flat buffer starts with. */
  int start() {
    return start;
  }

  Backbone backbone() {
    return backbone;
  }

  Head head() {
    if (head == null) {
      throw new IllegalStateException("these parameters are a backbone's and hold no head");
    }
    return head;
  }

  private record Views(Tensor flat, ParameterLayout layout, int start) {
    Tensor of(String name) {
      ParameterLayout.Slice slice = layout.slice(name);
      int[] shape = slice.shape().stream().mapToInt(Integer::intValue).toArray();
      return flat.view(slice.offset() - start, shape);
    }

    Backbone backbone(int depth) {
      return new Backbone(
          of("patch.weight"),
          of("patch.bias"),
          of("cls"),
          of("pos"),
          IntStream.range(0, depth).mapToObj(this::blockOf).toList(),
          of("norm.gamma"),
          of("norm.beta"));
    }

    Block blockOf(int i) {
      return new Block(
          of(block(i, "norm1.gamma")),
          of(block(i, "norm1.beta")),
          of(block(i, "qkv.weight")),
          of(block(i, "qkv.bias")),
          of(block(i, "projection.weight")),
          of(block(i, "projection.bias")),
          of(block(i, "norm2.gamma")),
          of(block(i, "norm2.beta")),
          of(block(i, "mlp1.weight")),
          of(block(i, "mlp1.bias")),
          of(block(i, "mlp2.weight")),
          of(block(i, "mlp2.bias")));
    }
  }
}
