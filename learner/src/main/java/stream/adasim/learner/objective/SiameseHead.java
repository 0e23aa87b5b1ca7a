package stream.adasim.learner.objective;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.Mlp;
import stream.adasim.learner.network.Parameters;

/**
 * From both views' features to the loss of the whole batch and back to the features' gradients.
 * Each view is a batch of its own for batch norm, as published. All tensors hold the first views'
 * rows, then the second views'.
 */
final class SiameseHead {
  private final Kernels kernels;
  private final Networks networks;
  private final Agreement agreement;
  private final Branch[] branches; // by view
  private final @Nullable Mlp teacherProjector;
  private final Tensor predictions; // (2 B, P), of unit length
  private final Tensor dPredictions; // (2 B, P)
  private final Tensor targets; // (2 B, P), of unit length
  private final Tensor norms; // (B)

  /** One view's way through the student's head. */
  private record Branch(
      Mlp projector,
      @Nullable Mlp predictor,
      Tensor norms, // (B)
      Tensor dOutput, // (B, P)
      Tensor dProjection) {} // (B, P)

  SiameseHead(
      Kernels kernels,
      Architecture architecture,
      ObjectiveSettings settings,
      Networks networks,
      int batch) {
    int width = architecture.mlpHead().output();
    this.kernels = kernels;
    this.networks = networks;
    agreement = Agreement.of(kernels, settings, batch, width);
    branches = new Branch[2];
    for (int view = 0; view < 2; view++) {
      branches[view] =
          new Branch(
              Mlp.projector(kernels, architecture, batch, true),
              Mlp.predictor(kernels, architecture, batch),
              kernels.allocate(batch),
              kernels.allocate(batch, width),
              kernels.allocate(batch, width));
    }
    teacherProjector =
        settings.objective().hasTeacher()
            ? Mlp.projector(kernels, architecture, batch, false)
            : null;
    predictions = kernels.allocate(2 * batch, width);
    dPredictions = kernels.allocate(2 * batch, width);
    targets = kernels.allocate(2 * batch, width);
    norms = kernels.allocate(batch);
  }

  /**
   * The loss; gradients of the head's parameters are added to the network's.
   *
   * @param features (2 B, D), by the student
   * @param targetFeatures (2 B, D), by the teacher; not looked at where there is none
   * @param dFeatures (2 B, D), written
   * @param step number of the step, from 0
   */
  double run(Tensor features, Tensor targetFeatures, Tensor dFeatures, long step) {
    Tensor[] projections = {forward(0, features), forward(1, features)}; // (B, P)
    for (int view = 0; view < 2; view++) {
      Tensor target =
          teacherProjector == null
              ? projections[view]
              : teacherProjector.forward(networks.target(), half(targetFeatures, view)); // (B, P)
      kernels.normalizeRows(target, FeatureNetwork.EPSILON, half(targets, view), norms);
    }
    double loss = agreement.of(predictions, targets, dPredictions, step);
    for (int view = 0; view < 2; view++) {
      backward(view, projections[view], half(features, view), half(dFeatures, view));
    }
    return loss;
  }

  /** One view's unit predictions; returns its projections. */
  private Tensor forward(int view, Tensor features) {
    Branch b = branches[view];
    Tensor projection = b.projector.forward(networks.student(), half(features, view)); // (B, P)
    Tensor output =
        b.predictor == null ? projection : b.predictor.forward(networks.student(), projection);
    kernels.normalizeRows(output, FeatureNetwork.EPSILON, half(predictions, view), b.norms);
    return projection;
  }

  /** From the gradients of one view's unit predictions to those of its features. */
  private void backward(int view, Tensor projection, Tensor features, Tensor dFeatures) {
    Branch b = branches[view];
    Parameters student = networks.student();
    Parameters gradients = networks.gradients();
    kernels.normalizeRowsBackward(
        half(predictions, view), b.norms, half(dPredictions, view), b.dOutput, false);
    Tensor dProjection = b.dOutput;
    if (b.predictor != null) {
      b.predictor.backward(student, projection, b.dOutput, gradients, b.dProjection);
      dProjection = b.dProjection;
    }
    b.projector.backward(student, features, dProjection, gradients, dFeatures);
  }

  /** Keeps what later steps need of this one. */
  void settle(long step) {
    agreement.settle(half(targets, 0), step);
  }

  /** What it keeps beside the weights, for checkpoints. */
  List<Tensor> state() {
    return agreement.state();
  }

  static Tensor half(Tensor x, int half) {
    int rows = x.rows() / 2;
    return x.view((long) half * rows * x.columns(), rows, x.columns());
  }
}
