package stream.adasim.learner.network;

import stream.adasim.learner.network.Parameters.Views;

/** Views of a backbone's parameters. */
sealed interface BackboneWeights permits VitWeights, ResNetWeights {
  static BackboneWeights of(Architecture architecture, Views views) {
    return switch (architecture.backbone()) {
      case VitShape vit -> VitWeights.of(vit, views);
      case ResNetShape resNet -> ResNetWeights.of(resNet, views);
    };
  }
}
