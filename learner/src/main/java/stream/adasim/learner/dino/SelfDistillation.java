package stream.adasim.learner.dino;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.Prototypes;

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
 * <p>The pairs of a step are split into one {@link Lane} per worker of the backend, whose gradients
 * are then added up; where batch norm couples images there is one lane, whose operations are spread
 * over all threads. Batch norm takes the statistics of one view, where DINO takes those of both.
 * Student and teacher keep running statistics of their own, each of what passed through it. The
 * same seed, settings, views and number of workers give the same weights, bit for bit, where the
 * kernels promise that. Not thread-safe. Kernels are the caller's to close.
 */
public final class SelfDistillation implements AutoCloseable {
  /** Keeps the random numbers of steps apart. */
  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  private final Kernels kernels;
  private final Architecture architecture;
  private final DistillationSettings settings;
  private final ParameterLayout layout;
  private final int batch;
  private final long seed;

  private final Parameters student;
  private final Parameters teacher;
  private final Parameters gradients;
  private final Optimiser optimiser;
  private final Tensor centre; // (K)

  private final Prototypes studentPrototypes;
  private final Prototypes teacherPrototypes;
  private final List<Lane> lanes = new ArrayList<>();
  private final FeatureNetwork teacherFeatures;
  private final Tensor meanTarget; // (K)
  private final Tensor meanLogits; // (K)

  private long step;
  private long lastLayerUpdates;
  private boolean closed;

  /**
   * A student of {@link FeatureNetwork#initialWeights} and a teacher that is a copy of it.
   *
   * @param batch number of image pairs of a step, B
   * @param seed of the weights and of stochastic depth
   */
  public SelfDistillation(
      Kernels kernels,
      Architecture architecture,
      DistillationSettings settings,
      int batch,
      long seed) {
    int prototypes = architecture.prototypes();
    this.kernels = kernels;
    this.architecture = architecture;
    this.settings = settings;
    this.layout = new ParameterLayout(architecture);
    this.batch = batch;
    this.seed = seed;

    student = Parameters.allocate(kernels, architecture, layout);
    teacher = Parameters.allocate(kernels, architecture, layout);
    gradients = Parameters.allocate(kernels, architecture, layout);
    optimiser = new Optimiser(kernels, settings, layout, student.trained(), gradients.trained());
    centre = kernels.allocate(prototypes);

    studentPrototypes = new Prototypes(kernels, architecture);
    teacherPrototypes = new Prototypes(kernels, architecture);
    teacherFeatures = new FeatureNetwork(kernels, architecture, teacher);
    meanTarget = kernels.allocate(prototypes);
    meanLogits = kernels.allocate(prototypes);
    boolean whole = architecture.backbone().couplesImages();
    int count = whole ? 1 : Math.min(kernels.workers(), batch);
    for (int i = 0; i < count; i++) {
      int first = batch * i / count;
      Parameters own = i == 0 ? gradients : Parameters.allocate(kernels, architecture, layout);
      int pairs = batch * (i + 1) / count - first;
      lanes.add(new Lane(kernels, architecture, settings.dropPath(), first, pairs, own));
    }

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
   * @throws IllegalStateException if loss or gradients are not finite; no weight has moved then,
   *     though running statistics have
   */
  public StepResult step(float[] firstViews, float[] secondViews) {
    checkOpen();
    int pixels = Math.multiplyExact(batch, architecture.pixels());
    checkLength("firstViews", firstViews, pixels);
    checkLength("secondViews", secondViews, pixels);
    double teacherTemperature = settings.schedules().teacherTemperature().at(step);
    float[] firstFeatures = new float[batch * architecture.dim()];
    studentPrototypes.refresh(student);
    teacherPrototypes.refresh(teacher);
    var shared =
        new Lane.Shared(
            student,
            studentPrototypes,
            teacher,
            teacherPrototypes,
            centre,
            teacherTemperature,
            settings.studentTemperature(),
            new SplittableRandom(seed ^ step * STRIDE).nextLong(),
            batch);
    if (lanes.size() == 1) {
      lanes.getFirst().run(shared, firstViews, secondViews, firstFeatures); // on all threads
    } else {
      kernels.run(
          lanes.size(), i -> lanes.get(i).run(shared, firstViews, secondViews, firstFeatures));
    }

    double loss = 0;
    double teacherEntropy = 0;
    kernels.fill(meanTarget, 0);
    kernels.fill(meanLogits, 0);
    for (Lane lane : lanes) {
      loss += lane.loss();
      teacherEntropy += lane.entropy() / (2 * batch);
      kernels.axpy(lane.share(batch), lane.meanTarget(), meanTarget); // (K)
      kernels.axpy(lane.share(batch), lane.meanLogits(), meanLogits); // (K)
    }
    double batchEntropy = kernels.entropy(meanTarget);
    checkFinite("loss", loss);
    for (Lane lane : lanes.subList(1, lanes.size())) {
      kernels.axpy(1, lane.gradients().flat(), gradients.flat());
    }
    studentPrototypes.finish(gradients);
    double gradientNorm = optimiser.clip();
    checkFinite("gradientNorm", gradientNorm);

    kernels.ema(centre, meanLogits, (float) settings.centreMomentum());

    double learningRate = settings.schedules().learningRate().at(step);
    double weightDecay = settings.schedules().weightDecay().at(step);
    double momentum = settings.schedules().momentum().at(step);
    boolean frozen = step < settings.schedules().frozenSteps();
    lastLayerUpdates += frozen ? 0 : 1;
    optimiser.update(learningRate, weightDecay, step + 1, frozen ? 0 : lastLayerUpdates);
    kernels.ema(teacher.trained(), student.trained(), (float) momentum);

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
   * @param n any number
   * @return n times D, each of length 1
   */
  public float[] features(float[] images, int n) {
    checkOpen();
    return teacherFeatures.features(images, n);
  }

  /** The teacher's weights and running statistics, in the order of {@link ParameterLayout}. */
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
}
