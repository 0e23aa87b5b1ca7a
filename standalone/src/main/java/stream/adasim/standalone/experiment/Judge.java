package stream.adasim.standalone.experiment;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.health.Geometry;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.trainer.OfflineTraining;
import stream.adasim.standalone.evaluate.NearestNeighbours;
import stream.adasim.standalone.evaluate.Vectors;
import stream.adasim.standalone.labelled.Embedder;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet;
import stream.adasim.standalone.labelled.ImageSet.Division;

/** Measures a run's teacher on the held-out images. Not thread-safe. */
final class Judge {
  static final int NEIGHBOURS = 20;
  static final double TEMPERATURE = 0.07;
  private static final int PAIRED_IMAGES = 256;

  private final Kernels kernels;
  private final Embedder embedder;
  private final Division data;
  private final List<String> classes;
  private final int[] bankLabels;
  private final int[] labels;

  /**
   * @param data labelled images: what is compared with, and what is classified
   */
  Judge(Kernels kernels, Architecture architecture, Division data) {
    this.kernels = kernels;
    this.embedder = new Embedder(kernels, architecture);
    this.data = data;
    classes = data.classes();
    bankLabels = data.bank().labels(classes);
    labels = data.heldOut().labels(classes);
  }

  /**
   * Measures.
   *
   * @param tally of the steps since the measurement before
   */
  Point point(OfflineTraining training, int batch, double seconds, StepTally tally) {
    embedder.load(training.teacher());
    List<Example> images = data.heldOut().images();
    float[] features = embedder.clean(images);
    Vectors bank = new Vectors(embedder.clean(data.bank().images()), embedder.dim(), bankLabels);
    int[] found =
        NearestNeighbours.classify(
            kernels, bank, features, classes.size(), NEIGHBOURS, TEMPERATURE);
    List<Example> paired = images.subList(0, Math.min(PAIRED_IMAGES, images.size()));
    return new Point(
        training.step(),
        training.passes(),
        training.step() * batch,
        seconds,
        right(found, labels) / (double) labels.length,
        labels.length,
        perClass(found),
        Geometry.rankMe(features, images.size(), embedder.dim()),
        Geometry.alignment(
            embedder.augmented(paired, true, 1),
            embedder.augmented(paired, false, 2),
            embedder.dim()),
        Geometry.uniformity(features, Math.min(images.size(), 1000), embedder.dim()),
        tally.loss(),
        tally.teacherEntropy(),
        tally.batchEntropy(),
        tally.gateRate(),
        tally.bootstrapped(),
        tally.partners(),
        tally.gatedCandidates(),
        tally.otherCandidates(),
        tally.reciprocalCandidates(),
        tally.oneSidedCandidates());
  }

  private List<@Nullable Double> perClass(int[] found) {
    int[] right = new int[classes.size()];
    int[] all = new int[classes.size()];
    for (int i = 0; i < labels.length; i++) {
      right[labels[i]] += found[i] == labels[i] ? 1 : 0;
      all[labels[i]]++;
    }
    List<@Nullable Double> shares = new ArrayList<>();
    for (int c = 0; c < all.length; c++) {
      shares.add(all[c] == 0 ? null : (double) right[c] / all[c]);
    }
    return shares;
  }

  /** Accuracy of the pixels themselves, by the same rule. */
  static double rawPixels(Kernels kernels, Division data) {
    List<String> classes = data.classes();
    ImageSet heldOut = data.heldOut();
    float[] mean = Embedder.meanPixels(data.bank().images());
    Vectors bank =
        new Vectors(
            Embedder.pixels(data.bank().images(), mean),
            Embedder.pixelDim(),
            data.bank().labels(classes));
    int[] found =
        NearestNeighbours.classify(
            kernels,
            bank,
            Embedder.pixels(heldOut.images(), mean),
            classes.size(),
            NEIGHBOURS,
            TEMPERATURE);
    return right(found, heldOut.labels(classes)) / (double) found.length;
  }

  private static int right(int[] found, int[] labels) {
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += found[i] == labels[i] ? 1 : 0;
    }
    return right;
  }
}
