package stream.adasim.bench.parity;

import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.augment.Normalisation;
import stream.adasim.learner.augment.Views;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.objective.ObjectiveSettings;
import stream.adasim.learner.objective.Schedule;
import stream.adasim.learner.objective.Schedules;
import stream.adasim.learner.objective.SelfSupervision;
import stream.adasim.learner.objective.StepResult;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.WeightsExport;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet.Division;

/**
 * The learner's side, which writes what the other needs into a folder: {@code weights.safetensors},
 * {@code views.f32} (per step the first views, then the second, (B, 3, S, S) each), {@code
 * schedules.txt} (per step learning rate, weight decay, momentum, teacher temperature, 1 while the
 * prototypes are frozen) and {@code images.f32}.
 */
final class OurRun {
  private final Kernels kernels;
  private final Architecture architecture;
  private final Path folder;
  private final int batch;
  private final long seed;
  private final Views views;
  private float[] teacher;

  OurRun(Kernels kernels, Architecture architecture, Path folder, int batch, long seed) {
    this.kernels = kernels;
    this.architecture = architecture;
    this.folder = folder;
    this.batch = batch;
    this.seed = seed;
    views = new Views(architecture.imageSize(), Normalisation.IMAGENET);
    teacher = FeatureNetwork.initialWeights(architecture, seed);
  }

  /** The teacher's weights, the untrained ones before {@link #train}. */
  float[] teacher() {
    return teacher;
  }

  /** Trains and writes; returns the losses. */
  double[] train(
      List<Example> images, int steps, double learningRate, long warmUpSteps, long frozenSteps)
      throws IOException {
    WeightsExport.write(
        folder.resolve("weights.safetensors"),
        new Model(architecture, "parity", 0, 0, teacher, null),
        true,
        false);
    Schedules schedules =
        Schedules.stream(learningRate, warmUpSteps, frozenSteps)
            .withMomentum(new Schedule.Constant(0.99));
    double[] losses = new double[steps];
    try (SelfSupervision network =
            new SelfSupervision(
                kernels, architecture, ObjectiveSettings.of(schedules), batch, seed);
        OutputStream viewsFile = floats("views.f32");
        BufferedWriter schedulesFile = Files.newBufferedWriter(folder.resolve("schedules.txt"))) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] first = new float[batch * views.length()];
      float[] second = new float[batch * views.length()];
      for (int step = 0; step < steps; step++) {
        for (int i = 0; i < batch; i++) {
          Example image = images.get(random.nextInt(images.size()));
          views.first(image.pixels(), random.split(), first, i * views.length());
          views.second(image.pixels(), random.split(), second, i * views.length());
        }
        write(first, viewsFile);
        write(second, viewsFile);
        StepResult result = network.step(first, second);
        losses[step] = result.loss();
        schedulesFile.write(
            String.format(
                Locale.ROOT,
                "%.9g %.9g %.9g %.9g %d%n",
                result.learningRate(),
                result.weightDecay(),
                result.momentum(),
                result.teacherTemperature(),
                step < frozenSteps ? 1 : 0));
      }
      teacher = network.teacherWeights();
    }
    return losses;
  }

  /** Writes the clean views of the bank's images, then of those held out. */
  void writeImages(Division division) throws IOException {
    float[] view = new float[views.length()];
    try (OutputStream out = floats("images.f32")) {
      for (List<Example> images : List.of(division.bank().images(), division.heldOut().images())) {
        for (Example image : images) {
          views.clean(image.pixels(), view, 0);
          write(view, out);
        }
      }
    }
  }

  private OutputStream floats(String name) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(folder.resolve(name)), 1 << 16);
  }

  private static void write(float[] values, OutputStream out) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    out.write(bytes.array());
  }
}
