package stream.adasim.learner.objective;

import java.util.ArrayList;
import java.util.List;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.Parameters;

/**
 * Objectives that compare projections of two views: BYOL, SimSiam, MoCo-v3, SimCLR, NNCLR.
 *
 * <p>Heads with batch norm and negatives from the batch couple its images, so a step has two
 * phases: all lanes go forward through the backbone, heads and loss take the whole batch on all
 * threads, all lanes go backward. That costs the memory of both views' activations, where {@link
 * Distillation} keeps those of one, and no pass more.
 */
final class Siamese implements Method {
  private final Kernels kernels;
  private final Networks networks;
  private final SiameseHead head;
  private final List<SiameseLane> lanes = new ArrayList<>();
  private final Tensor features; // (2 B, D), the first views' first
  private final Tensor targetFeatures; // (2 B, D)
  private final Tensor dFeatures; // (2 B, D)
  private final Tensor unit; // (B, D)
  private final Tensor norms; // (B)

  Siamese(
      Kernels kernels,
      Architecture architecture,
      ParameterLayout layout,
      ObjectiveSettings settings,
      Networks networks,
      int batch) {
    int dim = architecture.dim();
    this.kernels = kernels;
    this.networks = networks;
    head = new SiameseHead(kernels, architecture, settings, networks, batch);
    for (Share share : Share.of(kernels, architecture, batch)) {
      Parameters own =
          share.first() == 0
              ? networks.gradients()
              : Parameters.allocate(kernels, architecture, layout);
      lanes.add(new SiameseLane(kernels, architecture, settings, share, own));
    }
    features = kernels.allocate(2 * batch, dim);
    targetFeatures =
        settings.objective().hasTeacher() ? kernels.allocate(2 * batch, dim) : features;
    dFeatures = kernels.allocate(2 * batch, dim);
    unit = kernels.allocate(batch, dim);
    norms = kernels.allocate(batch);
  }

  @Override
  public Measured run(Views views) {
    Share.run(kernels, lanes, lane -> lane.forward(networks, views, features, targetFeatures));
    Tensor first = SiameseHead.half(targetFeatures, 0); // (B, D)
    kernels.normalizeRows(first, FeatureNetwork.EPSILON, unit, norms);
    double loss = head.run(features, targetFeatures, dFeatures, views.step());
    Share.run(kernels, lanes, lane -> lane.backward(networks, dFeatures));
    for (SiameseLane lane : lanes.subList(1, lanes.size())) {
      kernels.axpy(1, lane.gradients().flat(), networks.gradients().flat());
    }
    return new Measured(loss, Double.NaN, Double.NaN, unit.toArray());
  }

  @Override
  public void settle(long step) {
    head.settle(step);
  }

  @Override
  public List<Tensor> state() {
    return head.state();
  }
}
