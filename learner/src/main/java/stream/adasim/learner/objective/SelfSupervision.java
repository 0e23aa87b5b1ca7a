package stream.adasim.learner.objective;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.Parameters;

/**
 * A network that learns without labels from pairs of views: a student, where the {@link Objective}
 * has one a teacher that is the student's moving average, and the optimiser.
 *
 * <pre>
 * teacher = momentum * teacher + (1 - momentum) * student, after AdamW
 * </pre>
 *
 * <p>The pairs of a step are split into lanes, one per worker of the backend, whose gradients are
 * then added up; where batch norm couples images in the backbone there is one lane, whose
 * operations are spread over all threads. Student and teacher keep running statistics of their own,
 * each of what passed through it. The same seed, settings, views and number of workers give the
 * same weights, bit for bit, where the kernels promise that. Not thread-safe. Kernels are the
 * caller's to close.
 */
public final class SelfSupervision implements AutoCloseable {
  /** Keeps the random numbers of steps apart. */
  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  private final Kernels kernels;
  private final Architecture architecture;
  private final ObjectiveSettings settings;
  private final ParameterLayout layout;
  private final int batch;
  private final long seed;

  private final Networks networks;
  private final Optimiser optimiser;
  private final Method method;
  private final FeatureNetwork features;

  private long step;
  private long lastLayerUpdates;
  private double tempering = 1;
  private boolean closed;

  /**
   * A student of {@link FeatureNetwork#initialWeights} and a teacher that is a copy of it.
   *
   * @param batch number of image pairs of a step, B
   * @param seed of the weights and of stochastic depth
   * @throws IllegalArgumentException if the architecture's head is another objective's
   */
  public SelfSupervision(
      Kernels kernels,
      Architecture architecture,
      ObjectiveSettings settings,
      int batch,
      long seed) {
    settings.objective().check(architecture);
    this.kernels = kernels;
    this.architecture = architecture;
    this.settings = settings;
    this.layout = new ParameterLayout(architecture);
    this.batch = batch;
    this.seed = seed;

    Parameters student = Parameters.allocate(kernels, architecture, layout);
    networks =
        new Networks(
            student,
            settings.objective().hasTeacher()
                ? Parameters.allocate(kernels, architecture, layout)
                : student,
            Parameters.allocate(kernels, architecture, layout));
    optimiser =
        new Optimiser(kernels, settings, layout, student.trained(), networks.gradients().trained());
    method =
        settings.objective() == Objective.DINO
            ? new Distillation(kernels, architecture, layout, settings, networks, batch)
            : new Siamese(kernels, architecture, layout, settings, networks, batch);
    features = new FeatureNetwork(kernels, architecture, networks.target());
    startFrom(layout.initialWeights(seed));
  }

  /** Number of steps taken. */
  public long step() {
    return step;
  }

  /**
   * From the next step on, multiplies teacher temperature and learning rate. Not saved.
   *
   * @param factor 1 for the schedules as they are
   */
  public void temper(double factor) {
    tempering = factor;
  }

  /** The largest value that the entropies of a step can take, ln K; NaN where there are none. */
  public double maxEntropy() {
    return settings.objective() == Objective.DINO
        ? Math.log(architecture.prototypes())
        : Double.NaN;
  }

  /**
   * Starts anew from a network's weights, for student and teacher: moments, the objective's own
   * state and step are zero.
   *
   * @param weights a whole network's, such as a snapshot
   */
  public void startFrom(float[] weights) {
    if (weights.length != layout.size()) {
      throw new IllegalArgumentException(
          "found " + weights.length + " weights; " + architecture + " has " + layout.size());
    }
    networks.student().flat().write(weights);
    networks.target().flat().write(weights);
    kernels.fill(optimiser.m(), 0);
    kernels.fill(optimiser.v(), 0);
    method.state().forEach(tensor -> kernels.fill(tensor, 0));
    step = 0;
    lastLayerUpdates = 0;
  }

  /**
   * One step of training without local views.
   *
   * @see #step(float[], float[], float[])
   */
  public StepResult step(float[] firstViews, float[] secondViews) {
    return step(firstViews, secondViews, new float[0]);
  }

  /**
   * One step of training.
   *
   * @param firstViews B times (3, S, S), planar, normalised
   * @param secondViews likewise, of the same images or of their partners
   * @param localViews as many as {@link LocalViews} says, B times (3, s, s) each: the first of all
   *     images, then the second, and so on
   * @throws IllegalStateException if loss or gradients are not finite; no weight has moved then,
   *     though running statistics have
   */
  public StepResult step(float[] firstViews, float[] secondViews, float[] localViews) {
    checkOpen();
    checkLength("firstViews", firstViews, batch, architecture.imageSize());
    checkLength("secondViews", secondViews, batch, architecture.imageSize());
    LocalViews local = settings.localViews();
    checkLength("localViews", localViews, local.count() * batch, local.side());
    Schedules schedules = settings.schedules();
    double teacherTemperature = tempering * schedules.teacherTemperature().at(step);
    long noise = new SplittableRandom(seed ^ step * STRIDE).nextLong();
    Method.Measured measured =
        held(
            new Method.Views(step, noise, teacherTemperature, firstViews, secondViews, localViews));
    checkFinite("loss", measured.loss());
    double gradientNorm = optimiser.clip();
    checkFinite("gradientNorm", gradientNorm);
    method.settle(step);

    double learningRate = tempering * schedules.learningRate().at(step);
    double weightDecay = schedules.weightDecay().at(step);
    boolean frozen = step < schedules.frozenSteps();
    lastLayerUpdates += frozen ? 0 : 1;
    optimiser.update(learningRate, weightDecay, step + 1, frozen ? 0 : lastLayerUpdates);
    boolean teacher = settings.objective().hasTeacher();
    double momentum = teacher ? schedules.momentum().at(step) : Double.NaN;
    if (teacher) {
      kernels.ema(networks.target().trained(), networks.student().trained(), (float) momentum);
    }
    return new StepResult(
        step++,
        measured.loss(),
        measured.teacherEntropy(),
        measured.batchEntropy(),
        gradientNorm,
        learningRate,
        weightDecay,
        momentum,
        settings.objective() == Objective.DINO ? teacherTemperature : Double.NaN,
        measured.firstFeatures());
  }

  private Method.Measured held(Method.Views views) {
    kernels.hold(networks.student().flat());
    kernels.hold(networks.target().flat());
    try {
      return method.run(views);
    } finally {
      kernels.release(networks.student().flat());
      kernels.release(networks.target().flat());
    }
  }

  /**
   * Features by the teacher as it is now, or by the network itself where there is no teacher.
   *
   * @param images normalised, n times (3, S, S), planar
   * @param n any number
   * @return n times D, each of length 1
   */
  public float[] features(float[] images, int n) {
    checkOpen();
    return features.features(images, n);
  }

  /**
   * The weights and running statistics of the teacher, or of the network itself where there is no
   * teacher, in the order of {@link ParameterLayout}.
   */
  public float[] teacherWeights() {
    return networks.target().flat().toArray();
  }

  /** Writes everything that {@link #restore} needs to go on as if nothing had happened. */
  public void save(DataOutput out) throws IOException {
    StateFormat.writeHeader(settings.objective(), layout, out);
    out.writeLong(step);
    out.writeLong(lastLayerUpdates);
    for (Tensor tensor : trained()) {
      StateFormat.write(tensor, out);
    }
    for (Tensor tensor : method.state()) {
      out.writeInt(Math.toIntExact(tensor.size()));
      StateFormat.write(tensor, out);
    }
  }

  /**
   * Takes over what {@link #save} wrote.
   *
   * @throws IOException if it cannot be read, is another objective's, or names the first parameter
   *     that this architecture lacks or has in another shape; nothing has changed then, unless the
   *     input ended early or NNCLR's queue has another size
   */
  public void restore(DataInput in) throws IOException {
    int version = StateFormat.checkHeader(settings.objective(), layout, in);
    step = in.readLong();
    lastLayerUpdates = in.readLong();
    for (Tensor tensor : trained()) {
      StateFormat.read(tensor, in);
    }
    for (Tensor tensor : method.state()) {
      StateFormat.checkSize(version, tensor.size(), in);
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
    return networks.student().flat().toArray();
  }

  /** The gradients of the last step, for tests. */
  float[] gradients() {
    return networks.gradients().trained().toArray();
  }

  /** First moments, for tests. */
  float[] firstMoments() {
    return optimiser.m().toArray();
  }

  /** DINO's centre or NNCLR's queue, for tests. */
  float[] objectiveState() {
    return method.state().getFirst().toArray();
  }

  private List<Tensor> trained() {
    Tensor student = networks.student().flat();
    Tensor teacher = networks.target().flat();
    return settings.objective().hasTeacher()
        ? List.of(student, teacher, optimiser.m(), optimiser.v())
        : List.of(student, optimiser.m(), optimiser.v());
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this training is closed");
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

  private static void checkLength(String name, float[] found, int images, int side) {
    if (found.length != Math.multiplyExact(images, Architecture.CHANNELS * side * side)) {
      throw new IllegalArgumentException(
          "%s has %d floats; %d images of 3 x %d x %d have %d"
              .formatted(name, found.length, images, side, side, images * 3 * side * side));
    }
  }
}
