package stream.adasim.standalone.evaluate;

import java.util.ArrayList;
import java.util.List;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.standalone.labelled.Embedder;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet.Division;

/** A network against its untrained self and the pixels, on labelled images. */
public final class ModelEvaluation {
  private static final int PAIRED_IMAGES = 1000;
  private static final String PIXELS = "raw pixels";
  private static final String UNTRAINED = "untrained";

  private final Kernels kernels;
  private final Division data;
  private final List<String> classes;
  private final int[] bankLabels;
  private final int[] heldOutLabels;
  private final Measures measures;

  /**
   * @param data labelled images
   * @param seeds draws of labels for the few-label probes
   */
  public ModelEvaluation(Kernels kernels, Division data, int seeds) {
    this.kernels = kernels;
    this.data = data;
    classes = data.classes();
    bankLabels = data.bank().labels(classes);
    heldOutLabels = data.heldOut().labels(classes);
    measures = new Measures(kernels, classes.size(), seeds);
  }

  public List<String> classes() {
    return classes;
  }

  /** The images' classes beside vectors of theirs. */
  public Subject given(String name, float[] bank, float[] heldOut, int dim) {
    return measures.of(
        name, new Vectors(bank, dim, bankLabels), new Vectors(heldOut, dim, heldOutLabels), null);
  }

  /** A network. */
  public Subject network(String name, Architecture architecture, float[] weights) {
    Embedder embedder = new Embedder(kernels, architecture);
    embedder.load(weights);
    List<Example> heldOut = data.heldOut().images();
    List<Example> paired = heldOut.subList(0, Math.min(PAIRED_IMAGES, heldOut.size()));
    return measures.of(
        name,
        new Vectors(embedder.clean(data.bank().images()), embedder.dim(), bankLabels),
        new Vectors(embedder.clean(heldOut), embedder.dim(), heldOutLabels),
        new Measures.Pairs(
            embedder.augmented(paired, true, 1), embedder.augmented(paired, false, 2)));
  }

  /** What every representation has to beat: the untrained network, and the pixels themselves. */
  public List<Subject> baselines(Architecture architecture, long seed) {
    List<Subject> baselines = new ArrayList<>();
    baselines.add(
        network(UNTRAINED, architecture, FeatureNetwork.initialWeights(architecture, seed)));
    float[] mean = Embedder.meanPixels(data.bank().images());
    baselines.add(
        given(
            PIXELS,
            Embedder.pixels(data.bank().images(), mean),
            Embedder.pixels(data.heldOut().images(), mean),
            Embedder.pixelDim()));
    return baselines;
  }
}
