package stream.adasim.learner.network;

import java.util.List;
import stream.adasim.learner.network.Parameters.Views;

/** Views of a head's parameters. */
sealed interface HeadWeights permits PrototypeWeights, MlpWeights {

  static List<ParameterSpec> specs(Architecture architecture) {
    return switch (architecture.head()) {
      case PrototypeHead head -> PrototypeWeights.specs(head, architecture.dim());
      case MlpHead head -> MlpWeights.specs(head, architecture.backbone());
    };
  }

  static HeadWeights of(Architecture architecture, Views views) {
    return switch (architecture.head()) {
      case PrototypeHead _ -> PrototypeWeights.of(views);
      case MlpHead head -> MlpWeights.of(head, architecture.backbone(), views);
    };
  }
}
