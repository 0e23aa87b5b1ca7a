package stream.adasim.learner.dino;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.ProjectionHead;
import stream.adasim.learner.network.VisionTransformer;

/**
 * DINO (Caron et al. 2021) on two views: a student learns to give one view the distribution that a
 * teacher, the moving average of the student, gives the other.
 *
 * <pre>
 * p_s = softmax(z_s / t_s),  p_t = softmax((z_t - c) / t_t)
 * L = 1/2 [ H(p_t(view2), p_s(view1)) + H(p_t(view1), p_s(view2)) ],  H(a, b) = -sum a log b
 * c = centre momentum * c + (1 - centre momentum) * mean of z_t, after the loss
 * teacher = momentum * teacher + (1 - momentum) * student, after AdamW
 * </pre>
 *
 * <p>Views pass one after the other, each a batch of B; gradients add up, so that buffers hold B
 * images and not 2 B. The same seed, settings and views give the same weights, bit for bit, where
 * the kernels promise that. Not thread-safe. Kernels are the caller's to close.
 */
public final class SelfDistillation implements AutoCloseable {
  private final Kernels kernels;
  private final Architecture architecture;
  private final DistillationSettings settings;
  private final ParameterLayout layout;
  private final int batch;

  private final Parameters student;
  private final Parameters teacher;
  private final Parameters gradients;
  private final Optimiser optimiser;
  private final Tensor centre; // (K)

  private final VisionTransformer studentBackbone;
  private final ProjectionHead studentHead;
  private final VisionTransformer teacherBackbone;
  private final ProjectionHead teacherHead;
  private final FeatureNetwork teacherFeatures;

  private final Tensor[] views; // 2 times (B, 3, S, S)
  private final Tensor teacherLogits; // (2 B, K)
  private final Tensor[] teacherLogitsOf; // 2 times (B, K)
  private final Tensor targets; // (2 B, K)
  private final Tensor[] targetsOf; // 2 times (B, K)
  private final Tensor meanTarget; // (K)
  private final Tensor meanLogits; // (K)
  private final Tensor logits; // (B, K)
  private final Tensor dLogits; // (B, K)
  private final Tensor dFeatures; // (B, D)
  private final Tensor unit; // (B, D)
  private final Tensor norms; // (B)

  private long step;
  private long lastLayerUpdates;
  private boolean closed;

  /**
   * A student of {@link FeatureNetwork#initialWeights} and a teacher that is a copy of it.
   *
   * @param batch number of image pairs of a step, B
   * @param seed of the weights
   */
  public SelfDistillation(
      Kernels kernels,
      Architecture architecture,
      DistillationSettings settings,
      int batch,
      long seed) {
    int size = architecture.imageSize();
    int prototypes = architecture.prototypes();
    this.kernels = kernels;
    this.architecture = architecture;
    this.settings = settings;
    this.layout = new ParameterLayout(architecture);
    this.batch = batch;

    student = Parameters.allocate(kernels, architecture, layout);
    teacher = Parameters.allocate(kernels, architecture, layout);
    gradients = Parameters.allocate(kernels, architecture, layout);
    optimiser = new Optimiser(kernels, settings, layout, student.flat(), gradients.flat());
    centre = kernels.allocate(prototypes);

    studentBackbone = VisionTransformer.forTraining(kernels, architecture, batch);
    studentHead = ProjectionHead.forTraining(kernels, architecture, batch);
    teacherBackbone = VisionTransformer.forInference(kernels, architecture, batch);
    teacherHead = ProjectionHead.forInference(kernels, architecture, batch);
    teacherFeatures = new FeatureNetwork(kernels, architecture, teacherBackbone, teacher);

    views =
        new Tensor[] {
          kernels.allocate(batch, Architecture.CHANNELS, size, size),
          kernels.allocate(batch, Architecture.CHANNELS, size, size)
        };
    teacherLogits = kernels.allocate(2 * batch, prototypes);
    teacherLogitsOf = halves(teacherLogits, batch, prototypes);
    targets = kernels.allocate(2 * batch, prototypes);
    targetsOf = halves(targets, batch, prototypes);
    meanTarget = kernels.allocate(prototypes);
    meanLogits = kernels.allocate(prototypes);
    logits = kernels.allocate(batch, prototypes);
    dLogits = kernels.allocate(batch, prototypes);
    dFeatures = kernels.allocate(batch, architecture.dim());
    unit = kernels.allocate(batch, architecture.dim());
    norms = kernels.allocate(batch);

    startFrom(layout.initialWeights(seed));
  }

  /** Number of steps taken. */
  public long step() {
    return step;
  }

  /**
   * Starts anew from a network's weights, for student and teacher: moments, centre and step are
   * zero.
   *
   * @param weights a whole network's, such as a teacher's snapshot
   */
  public void startFrom(float[] weights) {
    if (weights.length != layout.size()) {
      throw new IllegalArgumentException(
          "found " + weights.length + " weights; " + architecture + " has " + layout.size());
    }
    student.flat().write(weights);
    teacher.flat().write(weights);
    kernels.fill(optimiser.m(), 0);
    kernels.fill(optimiser.v(), 0);
    kernels.fill(centre, 0);
    step = 0;
    lastLayerUpdates = 0;
  }

  /**
   * One step of training.
   *
   * @param firstViews B times (3, S, S), planar, normalised
   * @param secondViews likewise, of the same images or of their partners
   * @throws IllegalStateException if loss or gradients are not finite; no weight has moved then
   */
  public StepResult step(float[] firstViews, float[] secondViews) {
    checkOpen();
    int pixels = Math.multiplyExact(batch, architecture.pixels());
    checkLength("firstViews", firstViews, pixels);
    checkLength("secondViews", secondViews, pixels);
    views[0].write(firstViews);
    views[1].write(secondViews);

    float[] firstFeatures = teach();
    double teacherTemperature = settings.schedules().teacherTemperature().at(step);
    kernels.softmax(teacherLogits, centre, (float) teacherTemperature, targets); // (2 B, K)
    kernels.columnMean(targets, meanTarget); // (K)
    double teacherEntropy = kernels.entropy(targets) / (2 * batch);
    double batchEntropy = kernels.entropy(meanTarget);

    optimiser.clearGradients();
    double loss = learn(0, targetsOf[1]) + learn(1, targetsOf[0]);
    checkFinite("loss", loss);
    double gradientNorm = optimiser.clip();
    checkFinite("gradientNorm", gradientNorm);

    kernels.columnMean(teacherLogits, meanLogits); // (K)
    kernels.ema(centre, meanLogits, (float) settings.centreMomentum());

    double learningRate = settings.schedules().learningRate().at(step);
    double weightDecay = settings.schedules().weightDecay().at(step);
    double momentum = settings.schedules().momentum().at(step);
    boolean frozen = step < settings.schedules().frozenSteps();
    lastLayerUpdates += frozen ? 0 : 1;
    optimiser.update(learningRate, weightDecay, step + 1, frozen ? 0 : lastLayerUpdates);
    kernels.ema(teacher.flat(), student.flat(), (float) momentum);

    return new StepResult(
        step++,
        loss,
        teacherEntropy,
        batchEntropy,
        gradientNorm,
        learningRate,
        weightDecay,
        momentum,
        teacherTemperature,
        firstFeatures);
  }

  /**
   * Features by the teacher as it is now.
   *
   * @param images normalised, n times (3, S, S), planar
   * @param n any number; taken B at a time
   * @return n times D, each of length 1
   */
  public float[] features(float[] images, int n) {
    checkOpen();
    return teacherFeatures.features(images, n);
  }

  /** The teacher's weights, in the order of {@link ParameterLayout}. */
  public float[] teacherWeights() {
    return teacher.flat().toArray();
  }

  /** Writes everything that {@link #restore} needs to go on as if nothing had happened. */
  public void save(DataOutput out) throws IOException {
    StateFormat.writeLayout(layout, out);
    out.writeLong(step);
    out.writeLong(lastLayerUpdates);
    for (Tensor tensor : state()) {
      StateFormat.write(tensor, out);
    }
  }

  /**
   * Takes over what {@link #save} wrote.
   *
   * @throws IOException if it cannot be read, or names the first parameter that this architecture
   *     lacks or has in another shape; nothing has changed then, unless the input ended early
   */
  public void restore(DataInput in) throws IOException {
    StateFormat.checkLayout(layout, in);
    step = in.readLong();
    lastLayerUpdates = in.readLong();
    for (Tensor tensor : state()) {
      StateFormat.read(tensor, in);
    }
  }

  /** Ends the use of this object; its memory is released when it is no longer reachable. */
  @Override
  public void close() {
    closed = true;
  }

  /** The student's weights, for tests. */
  float[] studentWeights() {
    return student.flat().toArray();
  }

  /** First moments, for tests. */
  float[] firstMoments() {
    return optimiser.m().toArray();
  }

  /** The centre, for tests. */
  float[] centre() {
    return centre.toArray();
  }

  /** Logits of both views by the teacher; returns the unit features of the first. */
  private float[] teach() {
    float[] firstFeatures = new float[batch * architecture.dim()];
    for (int view = 0; view < 2; view++) {
      Tensor features = teacherBackbone.forward(teacher, views[view], batch); // (B, D)
      if (view == 0) {
        kernels.normalizeRows(features, FeatureNetwork.EPSILON, unit, norms);
        unit.read(0, firstFeatures, 0, firstFeatures.length);
      }
      teacherHead.forward(teacher, features, teacherLogitsOf[view]); // (B, K)
    }
    return firstFeatures;
  }

  /** Half of the loss, of one view by the student, and its gradients. */
  private double learn(int view, Tensor target) {
    Tensor features = studentBackbone.forward(student, views[view], batch); // (B, D)
    studentHead.forward(student, features, logits); // (B, K)
    double loss =
        kernels.crossEntropy(target, logits, (float) settings.studentTemperature(), 0.5f, dLogits);
    studentHead.backward(student, features, dLogits, gradients, dFeatures);
    studentBackbone.backward(student, dFeatures, gradients, batch);
    return loss;
  }

  private Tensor[] state() {
    return new Tensor[] {student.flat(), teacher.flat(), optimiser.m(), optimiser.v(), centre};
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this self-distillation is closed");
    }
  }

  private void checkFinite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalStateException(
          "step="
              + step
              + " "
              + name
              + "="
              + value
              + " must be finite; restart from the last checkpoint, with a lower learning rate if"
              + " this comes back, and check the views for values that are not finite");
    }
  }

  private void checkLength(String name, float[] found, int expected) {
    if (found.length != expected) {
      throw new IllegalArgumentException(
          name
              + " has "
              + found.length
              + " floats; "
              + batch
              + " images of 3 x "
              + architecture.imageSize()
              + " x "
              + architecture.imageSize()
              + " have "
              + expected);
    }
  }

  private static Tensor[] halves(Tensor x, int rows, int columns) {
    return new Tensor[] {x.view(0, rows, columns), x.view((long) rows * columns, rows, columns)};
  }
}
