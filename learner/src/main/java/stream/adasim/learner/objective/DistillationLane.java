package stream.adasim.learner.objective;

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
  private final Parameters gradients;

  private final Tensor[] views; // 2 times (R, 3, S, S)
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
   * @param dropPath rate of stochastic depth
   * @param first the first pair of the batch that is its own
   * @param pairs how many are
   * @param gradients where its gradients are added up; its own
   */
  DistillationLane(
      Kernels kernels,
      Architecture architecture,
      double dropPath,
      int first,
      int pairs,
      Parameters gradients) {
    int size = architecture.imageSize();
    int dim = architecture.dim();
    int prototypes = architecture.prototypes();
    this.kernels = kernels;
    this.architecture = architecture;
    this.first = first;
    this.pairs = pairs;
    this.gradients = gradients;
    teacherBackbone = Chunks.forInference(kernels, architecture, pairs);
    teacherHead = ProjectionHead.forInference(kernels, architecture, 2 * pairs);
    studentBackbone = Chunks.forTraining(kernels, architecture, pairs, dropPath);
    studentHead = ProjectionHead.forTraining(kernels, architecture, pairs);
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
   * @param firstViews of the whole batch, planar
   * @param secondViews likewise
   * @param firstFeatures of the whole batch: the lane's part is written
   */
  void run(Shared shared, float[] firstViews, float[] secondViews, float[] firstFeatures) {
    int pixels = architecture.pixels();
    views[0].write(0, firstViews, first * pixels, pairs * pixels);
    views[1].write(0, secondViews, first * pixels, pairs * pixels);
    kernels.fill(gradients.flat(), 0);
    teach(shared, firstFeatures);
    loss = learn(shared, 0, half(targets, 1)) + learn(shared, 1, half(targets, 0));
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

  /** The lane's share of half of the loss, of one view by the student, and its gradients. */
  private double learn(Shared shared, int view, Tensor target) {
    var pass = new Pass.Learn(shared.noise + view, first);
    studentBackbone.forward(shared.student, views[view], features, pass); // (R, D)
    studentHead.forward(shared.student, shared.studentPrototypes, features, logits); // (R, K)
    float weight = (float) (0.5 * pairs / shared.batch);
    float temperature = (float) shared.studentTemperature;
    double half = kernels.crossEntropy(target, logits, temperature, weight, dLogits);
    studentHead.backward(
        shared.student, shared.studentPrototypes, features, dLogits, gradients, dFeatures);
    studentBackbone.backward(shared.student, dFeatures, gradients);
    return half;
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
