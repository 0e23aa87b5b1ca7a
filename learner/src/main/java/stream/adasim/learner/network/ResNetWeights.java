package stream.adasim.learner.network;

import static stream.adasim.learner.network.ParameterSpec.matrix;
import static stream.adasim.learner.network.ParameterSpec.statistic;
import static stream.adasim.learner.network.ParameterSpec.vector;

import java.util.List;
import java.util.stream.Stream;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Parameters.Views;
import stream.adasim.learner.network.ResNetShape.Convolution;
import stream.adasim.learner.network.ResNetShape.Residual;

/** Views of a residual network's parameters. */
record ResNetWeights(Unit stem, List<Block> blocks) implements BackboneWeights {

  /** A convolution and its batch norm, from C to O channels. */
  record Unit(
      Tensor weight, // (O, C, k, k)
      Tensor gamma, // (O)
      Tensor beta, // (O)
      Tensor runningMean, // (O)
      Tensor runningVariance) {} // (O)

  /** A block's convolutions, and its shortcut's, of which there is one or none. */
  record Block(List<Unit> path, List<Unit> shortcut) {}

  static List<ParameterSpec> specs(ResNetShape shape) {
    return shape.convolutions().stream().flatMap(ResNetWeights::specs).toList();
  }

  private static Stream<ParameterSpec> specs(Convolution c) {
    return Stream.of(
        matrix(
            c.name() + ".weight",
            Initialisation.HE,
            c.outputs(),
            c.inputs(),
            c.kernel(),
            c.kernel()),
        vector(c.name() + ".gamma", Initialisation.ONES, c.outputs()),
        vector(c.name() + ".beta", Initialisation.ZEROS, c.outputs()),
        statistic(c.name() + ".mean", Initialisation.ZEROS, c.outputs()),
        statistic(c.name() + ".variance", Initialisation.ONES, c.outputs()));
  }

  static ResNetWeights of(ResNetShape shape, Views views) {
    return new ResNetWeights(
        unit(shape.first(), views),
        shape.blocks().stream().map(residual -> block(residual, views)).toList());
  }

  private static Block block(Residual residual, Views views) {
    return new Block(units(residual.path(), views), units(residual.shortcut(), views));
  }

  private static List<Unit> units(List<Convolution> convolutions, Views views) {
    return convolutions.stream().map(convolution -> unit(convolution, views)).toList();
  }

  private static Unit unit(Convolution c, Views views) {
    return new Unit(
        views.of(c.name() + ".weight"),
        views.of(c.name() + ".gamma"),
        views.of(c.name() + ".beta"),
        views.of(c.name() + ".mean"),
        views.of(c.name() + ".variance"));
  }
}
