package stream.adasim.learner.objective;

import java.util.ArrayList;
import java.util.List;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.Prototypes;

/**
 * DINO (Caron et al. 2021) on two views, and on local views for the student alone: it learns to
 * give one view the distribution that a teacher, the moving average of the student, gives another.
 *
 * <pre>
 * p_s = softmax(z_s / t_s),  p_t = softmax((z_t - c) / t_t)
 * L = mean over pairs of different views, the first one of 1, 2, of H(p_t(.), p_s(.)),
 *     H(a, b) = -sum a log b; without local views 1/2 [ H(p_t(2), p_s(1)) + H(p_t(1), p_s(2)) ]
 * c = centre momentum * c + (1 - centre momentum) * mean of z_t, after the loss
 * </pre>
 *
 * <p>Nothing but the sums of gradients and means passes between images, so each {@link
 * DistillationLane} goes from pixels to gradients by itself. Batch norm takes the statistics of one
 * view, where DINO takes those of both.
 */
final class Distillation implements Method {
  private final Kernels kernels;
  private final ObjectiveSettings settings;
  private final Networks networks;
  private final int batch;
  private final Prototypes studentPrototypes;
  private final Prototypes teacherPrototypes;
  private final List<DistillationLane> lanes = new ArrayList<>();
  private final Tensor centre; // (K)
  private final Tensor meanTarget; // (K)
  private final Tensor meanLogits; // (K)
  private final int dim;

  Distillation(
      Kernels kernels,
      Architecture architecture,
      ParameterLayout layout,
      ObjectiveSettings settings,
      Networks networks,
      int batch) {
    int prototypes = architecture.prototypes();
    this.kernels = kernels;
    this.settings = settings;
    this.networks = networks;
    this.batch = batch;
    dim = architecture.dim();
    studentPrototypes = new Prototypes(kernels, architecture);
    teacherPrototypes = new Prototypes(kernels, architecture);
    centre = kernels.allocate(prototypes);
    meanTarget = kernels.allocate(prototypes);
    meanLogits = kernels.allocate(prototypes);
    for (Share share : Share.of(kernels, architecture, batch)) {
      Parameters own =
          share.first() == 0
              ? networks.gradients()
              : Parameters.allocate(kernels, architecture, layout);
      lanes.add(
          new DistillationLane(kernels, architecture, settings, share.first(), share.pairs(), own));
    }
  }

  @Override
  public Measured run(Views views) {
    float[] firstFeatures = new float[batch * dim];
    studentPrototypes.refresh(networks.student());
    teacherPrototypes.refresh(networks.target());
    var shared =
        new DistillationLane.Shared(
            networks.student(),
            studentPrototypes,
            networks.target(),
            teacherPrototypes,
            centre,
            views.teacherTemperature(),
            settings.temperature(),
            views.noise(),
            batch);
    Share.run(kernels, lanes, lane -> lane.run(shared, views, firstFeatures));

    double loss = 0;
    double teacherEntropy = 0;
    kernels.fill(meanTarget, 0);
    kernels.fill(meanLogits, 0);
    for (DistillationLane lane : lanes) {
      loss += lane.loss();
      teacherEntropy += lane.entropy() / (2 * batch);
      kernels.axpy(lane.share(batch), lane.meanTarget(), meanTarget); // (K)
      kernels.axpy(lane.share(batch), lane.meanLogits(), meanLogits); // (K)
    }
    for (DistillationLane lane : lanes.subList(1, lanes.size())) {
      kernels.axpy(1, lane.gradients().flat(), networks.gradients().flat());
    }
    studentPrototypes.release();
    teacherPrototypes.release();
    studentPrototypes.finish(networks.gradients());
    return new Measured(loss, teacherEntropy, kernels.entropy(meanTarget), firstFeatures);
  }

  @Override
  public void settle(long step) {
    kernels.ema(centre, meanLogits, (float) settings.centreMomentum());
  }

  @Override
  public List<Tensor> state() {
    return List.of(centre);
  }
}
