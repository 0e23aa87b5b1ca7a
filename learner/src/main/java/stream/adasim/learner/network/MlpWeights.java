package stream.adasim.learner.network;

import static stream.adasim.learner.network.ParameterSpec.matrix;
import static stream.adasim.learner.network.ParameterSpec.statistic;
import static stream.adasim.learner.network.ParameterSpec.vector;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Parameters.Views;

/** Views of a projector's and a predictor's parameters. */
record MlpWeights(List<Layer> projector, List<Layer> predictor) implements HeadWeights {
  private static final String PROJECTOR = "head.projector";
  private static final String PREDICTOR = "head.predictor";

  /** Views of one layer's parameters, from I inputs to O outputs; null is what it lacks. */
  record Layer(
      Tensor weight, // (O, I)
      @Nullable Tensor bias, // (O)
      @Nullable Tensor gamma, // (O)
      @Nullable Tensor beta, // (O)
      @Nullable Tensor runningMean, // (O)
      @Nullable Tensor runningVariance) {} // (O)

  static List<ParameterSpec> specs(MlpHead head, BackboneShape backbone) {
    var specs = new ArrayList<ParameterSpec>();
    addAll(specs, PROJECTOR, head.projector(backbone));
    addAll(specs, PREDICTOR, head.predictor(backbone));
    return specs;
  }

  private static void addAll(List<ParameterSpec> specs, String part, List<MlpLayer> layers) {
    for (int i = 0; i < layers.size(); i++) {
      MlpLayer layer = layers.get(i);
      String name = part + i;
      int outputs = layer.outputs();
      specs.add(matrix(name + ".weight", Initialisation.UNIFORM, outputs, layer.inputs()));
      if (layer.bias()) {
        specs.add(vector(name + ".bias", Initialisation.ZEROS, outputs));
      }
      if (layer.gain()) {
        specs.add(vector(name + ".gamma", Initialisation.ONES, outputs));
      }
      if (layer.shift()) {
        specs.add(vector(name + ".beta", Initialisation.ZEROS, outputs));
      }
      if (layer.normed()) {
        specs.add(statistic(name + ".mean", Initialisation.ZEROS, outputs));
        specs.add(statistic(name + ".variance", Initialisation.ONES, outputs));
      }
    }
  }

  static MlpWeights of(MlpHead head, BackboneShape backbone, Views views) {
    return new MlpWeights(
        layers(PROJECTOR, head.projector(backbone), views),
        layers(PREDICTOR, head.predictor(backbone), views));
  }

  private static List<Layer> layers(String part, List<MlpLayer> layers, Views views) {
    var found = new ArrayList<Layer>();
    for (int i = 0; i < layers.size(); i++) {
      MlpLayer layer = layers.get(i);
      String name = part + i;
      found.add(
          new Layer(
              views.of(name + ".weight"),
              layer.bias() ? views.of(name + ".bias") : null,
              layer.gain() ? views.of(name + ".gamma") : null,
              layer.shift() ? views.of(name + ".beta") : null,
              layer.normed() ? views.of(name + ".mean") : null,
              layer.normed() ? views.of(name + ".variance") : null));
    }
    return List.copyOf(found);
  }
}
