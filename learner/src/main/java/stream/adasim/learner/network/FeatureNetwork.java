package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * Images to unit-length features: a backbone without head and without backward. The images are
 * spread over the backend's workers. Not thread-safe.
 */
public final class FeatureNetwork {
  /** Smallest length that features are divided by. */
  public static final float EPSILON = 1e-12f;

  private final Kernels kernels;
  private final Architecture architecture;
  private final ParameterLayout layout;
  private final Parameters parameters;
  private final List<Lane> lanes = new ArrayList<>();
  private final int chunk;
  private final boolean trained; // by somebody else, between calls
  private long held = -1; // how often the weights had been written then

  /** What one worker computes with. */
  private record Lane(
      Backbone backbone,
      Tensor images, // (chunk, 3, S, S)
      Tensor unit, // (chunk, D)
      Tensor norms) {} // (chunk)

  /** One of zeros, until {@link #load}. */
  public FeatureNetwork(Kernels kernels, Architecture architecture) {
    this(
        kernels,
        architecture,
        Parameters.allocateBackbone(kernels, architecture, new ParameterLayout(architecture)),
        false);
  }

  /** One over weights that somebody else owns and trains. */
  public FeatureNetwork(Kernels kernels, Architecture architecture, Parameters parameters) {
    this(kernels, architecture, parameters, true);
  }

  private FeatureNetwork(
      Kernels kernels, Architecture architecture, Parameters parameters, boolean trained) {
    int size = architecture.imageSize();
    this.kernels = kernels;
    this.architecture = architecture;
    this.layout = new ParameterLayout(architecture);
    this.parameters = parameters;
    this.trained = trained;
    this.chunk = Chunks.imagesPerChunk(architecture.backbone());
    for (int i = 0; i < kernels.workers(); i++) {
      lanes.add(
          new Lane(
              Backbone.forInference(kernels, architecture.backbone(), chunk),
              kernels.allocate(chunk, Architecture.CHANNELS, size, size),
              kernels.allocate(chunk, architecture.dim()),
              kernels.allocate(chunk)));
    }
  }

  /** The same network, its weights shared, computed by other kernels. */
  public FeatureNetwork with(Kernels others) {
    return new FeatureNetwork(others, architecture, parameters, trained);
  }

  /** The untrained network of a seed, whole, in the order of {@link ParameterLayout}. */
  public static float[] initialWeights(Architecture architecture, long seed) {
    return new ParameterLayout(architecture).initialWeights(seed);
  }

  /**
   * Takes the backbone out of a whole network's weights, its running statistics with it.
   *
   * @param weights flat, in the order of {@link ParameterLayout}
   * @throws IllegalArgumentException if they are not of this architecture's size
   */
  public void load(float[] weights) {
    if (weights.length != layout.size()) {
      throw new IllegalArgumentException(
          "found "
              + weights.length
              + " weights; "
              + architecture
              + " has "
              + layout.size()
              + ": build the network from the manifest that came with the weights");
    }
    parameters.write(weights);
  }

  /**
   * Features of n images.
   *
   * @param pixels normalised, n times (3, S, S), planar
   * @param n any number
   * @return n times D, each of length 1
   */
  public float[] features(float[] pixels, int n) {
    if (n < 0 || pixels.length != Math.multiplyExact(n, architecture.pixels())) {
      throw new IllegalArgumentException(
          "found "
              + pixels.length
              + " floats for "
              + n
              + " images; each has 3 x "
              + architecture.imageSize()
              + " x "
              + architecture.imageSize());
    }
    float[] features = new float[n * architecture.dim()];
    // No more than a chunk at a time, and a part for every worker even of a small batch.
    int parts = Math.max(Math.ceilDiv(n, chunk), Math.min(n, lanes.size()));
    int tasks = Math.min(parts, lanes.size());
    AtomicInteger next = new AtomicInteger(); // whoever is ready takes it: one may be held up
    hold();
    try {
      kernels.run(
          tasks,
          task -> {
            for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
              int first = (int) ((long) n * part / parts);
              int end = (int) ((long) n * (part + 1) / parts);
              embed(lanes.get(task), pixels, first, end - first, features);
            }
          });
    } finally {
      kernels.release(parameters.flat());
    }
    return features;
  }

  /** Weights that only {@link #load} writes need to be packed once. */
  private void hold() {
    long now = parameters.written();
    if (trained || held != now) {
      kernels.hold(parameters.flat());
    } else {
      kernels.holdAgain(parameters.flat());
    }
    held = now;
  }

  private void embed(Lane lane, float[] pixels, int first, int count, float[] features) {
    int dim = architecture.dim();
    int size = architecture.imageSize();
    Tensor images = lane.images.view(0, count, Architecture.CHANNELS, size, size);
    Tensor unit = lane.unit.view(0, count, dim);
    images.write(0, pixels, first * architecture.pixels(), count * architecture.pixels());
    Tensor raw = lane.backbone.forward(parameters, images, count, new Pass.Embed()); // (count, D)
    kernels.normalizeRows(raw, EPSILON, unit, lane.norms.view(0, count));
    unit.read(0, features, first * dim, count * dim);
  }
}
