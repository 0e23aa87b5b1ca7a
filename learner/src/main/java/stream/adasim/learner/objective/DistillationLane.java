package stream.adasim.learner.objective;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.Chunks;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.Pass;
import stream.adasim.learner.network.ProjectionHead;
import stream.adasim.learner.network.Prototypes;

/**
 * A contiguous part of a step's pairs, taken from pixels to gradients by one worker with buffers of
 * its own. Lanes only read what they share; their gradients and sums are added up afterwards.
 *
 * <p>The student takes one view after the other, so that buffers hold its R images and not 2 R.
 */
final class DistillationLane {
  private final Kernels kernels;
  private final Architecture architecture;
  private final int first;
  private final int pairs; // R

  private final Chunks teacherBackbone;
  private final ProjectionHead teacherHead;
  private final Chunks studentBackbone;
  private final ProjectionHead studentHead;
  private final @Nullable Chunks localBackbone;
  private final LocalViews local;
  private final Parameters gradients;

  private final Tensor[] views; // 2 times (R, 3, S, S)
  private final Tensor localView; // (R, 3, s, s)
  private final Tensor bothTargets; // (R, K), mean of the targets of both views
  private final Tensor teacherFeatures; // (2 R, D)
  private final Tensor teacherLogits; // (2 R, K)
  private final Tensor targets; // (2 R, K)
  private final Tensor meanTarget; // (K), over the lane
  private final Tensor meanLogits; // (K), over the lane
  private final Tensor features; // (R, D)
  private final Tensor logits; // (R, K)
  private final Tensor dLogits; // (R, K)
  private final Tensor dFeatures; // (R, D)
  private final Tensor unit; // (R, D)
  private final Tensor norms; // (R)
  private double entropy;
  private double loss;

  /**
   * Networks and numbers that all lanes of a step share.
   *
   * @param noise of the step, for stochastic depth
   */
  record Shared(
      Parameters student,
      Prototypes studentPrototypes,
      Parameters teacher,
      Prototypes teacherPrototypes,
      Tensor centre,
      double teacherTemperature,
      double studentTemperature,
      long noise,
      int batch) {}

  /**
   * A lane's buffers.
   *
   * @param settings stochastic depth, local views
   * @param first the first pair of the batch that is its own
   * @param pairs how many are
   * @param gradients where its gradients are added up; its own
   */
  DistillationLane(
      Kernels kernels,
      Architecture architecture,
      ObjectiveSettings settings,
      int first,
      int pairs,
      Parameters gradients) {
    int size = architecture.imageSize();
    int dim = architecture.dim();
    int prototypes = architecture.prototypes();
    double dropPath = settings.dropPath();
    this.kernels = kernels;
    this.architecture = architecture;
    this.first = first;
    this.pairs = pairs;
    this.gradients = gradients;
    teacherBackbone = Chunks.forInference(kernels, architecture, pairs);
    teacherHead = ProjectionHead.forInference(kernels, architecture, 2 * pairs);
    studentBackbone = Chunks.forTraining(kernels, architecture, pairs, dropPath);
    studentHead = ProjectionHead.forTraining(kernels, architecture, pairs);
    local = settings.localViews();
    localBackbone =
        local.count() == 0
            ? null
            : Chunks.forTraining(kernels, architecture, local.side(), pairs, dropPath);
    localView = kernels.allocate(pairs, Architecture.CHANNELS, local.side(), local.side());
    bothTargets = kernels.allocate(pairs, local.count() == 0 ? 1 : prototypes);
    views =
        new Tensor[] {
          kernels.allocate(pairs, Architecture.CHANNELS, size, size),
          kernels.allocate(pairs, Architecture.CHANNELS, size, size)
        };
    teacherFeatures = kernels.allocate(2 * pairs, dim);
    teacherLogits = kernels.allocate(2 * pairs, prototypes);
    targets = kernels.allocate(2 * pairs, prototypes);
    meanTarget = kernels.allocate(prototypes);
    meanLogits = kernels.allocate(prototypes);
    features = kernels.allocate(pairs, dim);
    logits = kernels.allocate(pairs, prototypes);
    dLogits = kernels.allocate(pairs, prototypes);
    dFeatures = kernels.allocate(pairs, dim);
    unit = kernels.allocate(pairs, dim);
    norms = kernels.allocate(pairs);
  }

  /**
   * Teacher, loss and gradients of the lane's pairs.
   *
   * @param whole views of the whole batch
   * @param firstFeatures of the whole batch: the lane's part is written
   */
  void run(Shared shared, Method.Views whole, float[] firstFeatures) {
    int pixels = architecture.pixels();
    views[0].write(0, whole.first(), first * pixels, pairs * pixels);
    views[1].write(0, whole.second(), first * pixels, pairs * pixels);
    kernels.fill(gradients.flat(), 0);
    teach(shared, firstFeatures);
    double share = 1.0 / (2 + 2 * local.count());
    loss = learn(shared, studentBackbone, views[0], 0, half(targets, 1), share);
    loss += learn(shared, studentBackbone, views[1], 1, half(targets, 0), share);
    if (localBackbone == null) {
      return;
    }
    // The cross-entropy with two targets is twice that with their mean.
    kernels.fill(bothTargets, 0);
    kernels.axpy(0.5f, half(targets, 0), bothTargets);
    kernels.axpy(0.5f, half(targets, 1), bothTargets);
    int localPixels = Architecture.CHANNELS * local.side() * local.side();
    for (int view = 0; view < local.count(); view++) {
      int start = (view * shared.batch + first) * localPixels;
      localView.write(0, whole.local(), start, pairs * localPixels);
      loss += learn(shared, localBackbone, localView, 2 + view, bothTargets, 2 * share);
    }
  }

  private void teach(Shared shared, float[] firstFeatures) {
    int dim = architecture.dim();
    for (int view = 0; view < 2; view++) {
      Tensor viewFeatures = half(teacherFeatures, view); // (R, D)
      teacherBackbone.forward(shared.teacher, views[view], viewFeatures, new Pass.Teach());
    }
    kernels.normalizeRows(half(teacherFeatures, 0), FeatureNetwork.EPSILON, unit, norms);
    unit.read(0, firstFeatures, first * dim, pairs * dim);
    teacherHead.forward(
        shared.teacher, shared.teacherPrototypes, teacherFeatures, teacherLogits); // (2 R, K)
    float temperature = (float) shared.teacherTemperature;
    kernels.softmax(teacherLogits, shared.centre, temperature, targets); // (2 R, K)
    kernels.columnMean(targets, meanTarget); // (K)
    kernels.columnMean(teacherLogits, meanLogits); // (K)
    entropy = kernels.entropy(targets);
  }

  /**
   * The lane's part of a share of the loss, of one view by the student, and its gradients.
   *
   * @param number of the view
   */
  private double learn(
      Shared shared, Chunks backbone, Tensor images, int number, Tensor target, double share) {
    var pass = new Pass.Learn(shared.noise + number, first);
    backbone.forward(shared.student, images, features, pass); // (R, D)
    studentHead.forward(shared.student, shared.studentPrototypes, features, logits); // (R, K)
    float weight = (float) (share * pairs / shared.batch);
    float temperature = (float) shared.studentTemperature;
    double part = kernels.crossEntropy(target, logits, temperature, weight, dLogits);
    studentHead.backward(
        shared.student, shared.studentPrototypes, features, dLogits, gradients, dFeatures);
    backbone.backward(shared.student, dFeatures, gradients);
    return part;
  }

  private static Tensor half(Tensor x, int half) {
    int rows = x.rows() / 2;
    return x.view((long) half * rows * x.columns(), rows, x.columns());
  }

  /** Its share of the loss of the last run, in nats. */
  double loss() {
    return loss;
  }

  /** Sum of the entropies of its targets, in nats. */
  double entropy() {
    return entropy;
  }

  /** Its share of the batch. */
  float share(int batch) {
    return (float) pairs / batch;
  }

  Tensor meanTarget() {
    return meanTarget;
  }

  Tensor meanLogits() {
    return meanLogits;
  }

  Parameters gradients() {
    return gradients;
  }
}
