package stream.adasim.learner.network;

import static stream.adasim.learner.network.ParameterLayout.LAST_LAYER;
import static stream.adasim.learner.network.ParameterSpec.matrix;
import static stream.adasim.learner.network.ParameterSpec.vector;

import java.util.List;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Parameters.Views;

/** Views of DINO's head's parameters; H is hidden, N bottleneck, K prototypes. */
record PrototypeWeights(
    Tensor weight1, // (H, D)
    Tensor bias1, // (H)
    Tensor weight2, // (H, H)
    Tensor bias2, // (H)
    Tensor weight3, // (N, H)
    Tensor bias3, // (N)
    Tensor last) // (K, N)
    implements HeadWeights {

  /** The last layer comes first, so that it can be left out of the rest. */
  static List<ParameterSpec> specs(PrototypeHead head, int dim) {
    int hidden = head.hidden();
    int bottleneck = head.bottleneck();
    return List.of(
        matrix(LAST_LAYER, Initialisation.UNIFORM, head.prototypes(), bottleneck),
        matrix("head.linear1.weight", Initialisation.NORMAL, hidden, dim),
        matrix("head.linear2.weight", Initialisation.NORMAL, hidden, hidden),
        matrix("head.linear3.weight", Initialisation.NORMAL, bottleneck, hidden),
        vector("head.linear1.bias", Initialisation.ZEROS, hidden),
        vector("head.linear2.bias", Initialisation.ZEROS, hidden),
        vector("head.linear3.bias", Initialisation.ZEROS, bottleneck));
  }

  static PrototypeWeights of(Views views) {
    return new PrototypeWeights(
        views.of("head.linear1.weight"),
        views.of("head.linear1.bias"),
        views.of("head.linear2.weight"),
        views.of("head.linear2.bias"),
        views.of("head.linear3.weight"),
        views.of("head.linear3.bias"),
        views.of(LAST_LAYER));
  }
}
