package stream.adasim.learner.network;

import static stream.adasim.learner.network.ParameterSpec.matrix;
import static stream.adasim.learner.network.ParameterSpec.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Parameters.Views;

/** Views of a vision transformer's parameters; P is 1 and the number of registers. */
record VitWeights(
    Tensor patchWeight, // (D, 3 p p)
    Tensor patchBias, // (D)
    Tensor prefix, // (P, D): cls token and registers
    Tensor pos, // (1 + patches, D)
    List<Block> blocks,
    Tensor gamma, // (D)
    Tensor beta) // (D)
    implements BackboneWeights {

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

  static List<ParameterSpec> specs(VitShape shape) {
    int dim = shape.dim();
    var specs = new ArrayList<ParameterSpec>();
    specs.add(matrix("patch.weight", Initialisation.UNIFORM, dim, shape.patchFloats()));
    specs.add(vector("patch.bias", Initialisation.ZEROS, dim));
    specs.add(matrix("cls", Initialisation.NORMAL, dim));
    if (shape.registers() > 0) {
      // Right behind the cls token, so that both are one tensor.
      specs.add(matrix("registers", Initialisation.NORMAL, shape.registers(), dim));
    }
    specs.add(matrix("pos", Initialisation.NORMAL, 1 + shape.patches(), dim));
    for (int i = 0; i < shape.depth(); i++) {
      specs.addAll(block(i, dim, shape.hidden()));
    }
    specs.add(vector("norm.gamma", Initialisation.ONES, dim));
    specs.add(vector("norm.beta", Initialisation.ZEROS, dim));
    return specs;
  }

  private static List<ParameterSpec> block(int i, int dim, int hidden) {
    return List.of(
        vector(name(i, "norm1.gamma"), Initialisation.ONES, dim),
        vector(name(i, "norm1.beta"), Initialisation.ZEROS, dim),
        matrix(name(i, "qkv.weight"), Initialisation.NORMAL, 3 * dim, dim),
        vector(name(i, "qkv.bias"), Initialisation.ZEROS, 3 * dim),
        matrix(name(i, "projection.weight"), Initialisation.NORMAL, dim, dim),
        vector(name(i, "projection.bias"), Initialisation.ZEROS, dim),
        vector(name(i, "norm2.gamma"), Initialisation.ONES, dim),
        vector(name(i, "norm2.beta"), Initialisation.ZEROS, dim),
        matrix(name(i, "mlp1.weight"), Initialisation.NORMAL, hidden, dim),
        vector(name(i, "mlp1.bias"), Initialisation.ZEROS, hidden),
        matrix(name(i, "mlp2.weight"), Initialisation.NORMAL, dim, hidden),
        vector(name(i, "mlp2.bias"), Initialisation.ZEROS, dim));
  }

  static VitWeights of(VitShape shape, Views views) {
    return new VitWeights(
        views.of("patch.weight"),
        views.of("patch.bias"),
        views.at("cls", 1 + shape.registers(), shape.dim()),
        views.of("pos"),
        IntStream.range(0, shape.depth()).mapToObj(i -> blockOf(i, views)).toList(),
        views.of("norm.gamma"),
        views.of("norm.beta"));
  }

  private static Block blockOf(int i, Views views) {
    return new Block(
        views.of(name(i, "norm1.gamma")),
        views.of(name(i, "norm1.beta")),
        views.of(name(i, "qkv.weight")),
        views.of(name(i, "qkv.bias")),
        views.of(name(i, "projection.weight")),
        views.of(name(i, "projection.bias")),
        views.of(name(i, "norm2.gamma")),
        views.of(name(i, "norm2.beta")),
        views.of(name(i, "mlp1.weight")),
        views.of(name(i, "mlp1.bias")),
        views.of(name(i, "mlp2.weight")),
        views.of(name(i, "mlp2.bias")));
  }

  private static String name(int index, String name) {
    return "block" + index + "." + name;
  }
}
