package stream.adasim.learner.network;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * Images to unit-length features: a backbone without head and without backward. Not thread-safe.
 */
public final class FeatureNetwork {
  /** Smallest length that features are divided by. */
  public static final float EPSILON = 1e-12f;

  private final Kernels kernels;
  private final Architecture architecture;
  private final ParameterLayout layout;
  private final VisionTransformer backbone;
  private final Parameters parameters;
  private final Tensor images; // (maxBatch, 3, S, S)
  private final Tensor unit; // (maxBatch, D)
  private final Tensor norms; // (maxBatch)

  /** One of zeros, until {@link #load}; it embeds up to maxBatch images at a time. */
  public FeatureNetwork(Kernels kernels, Architecture architecture, int maxBatch) {
    this(
        kernels,
        architecture,
        VisionTransformer.forInference(kernels, architecture, maxBatch),
        Parameters.allocateBackbone(kernels, architecture, new ParameterLayout(architecture)));
  }

  /** One over a backbone and weights that somebody else owns and trains. */
  public FeatureNetwork(
      Kernels kernels,
      Architecture architecture,
      VisionTransformer backbone,
      Parameters parameters) {
    int size = architecture.imageSize();
    this.kernels = kernels;
    this.architecture = architecture;
    this.layout = new ParameterLayout(architecture);
    this.backbone = backbone;
    this.parameters = parameters;
    this.images = kernels.allocate(backbone.maxBatch(), Architecture.CHANNELS, size, size);
    this.unit = kernels.allocate(backbone.maxBatch(), architecture.dim());
    this.norms = kernels.allocate(backbone.maxBatch());
  }

  /** The untrained network of a seed, whole, in the order of {@link ParameterLayout}. */
  public static float[] initialWeights(Architecture architecture, long seed) {
    return new ParameterLayout(architecture).initialWeights(seed);
  }

  /**
   * Takes the backbone out of a whole network's weights.
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
    int backboneOffset = layout.backboneOffset();
    parameters
        .flat()
        .write(backboneOffset - parameters.start(), weights, backboneOffset, layout.backboneSize());
  }

  /**
   * Features of n images.
   *
   * @param pixels normalised, n times (3, S, S), planar
   * @param n any number; taken maxBatch at a time
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
    int dim = architecture.dim();
    int size = architecture.imageSize();
    float[] features = new float[n * dim];
    for (int done = 0; done < n; done += backbone.maxBatch()) {
      int batch = Math.min(backbone.maxBatch(), n - done);
      Tensor part = images.view(0, batch, Architecture.CHANNELS, size, size);
      Tensor normalised = unit.view(0, batch, dim);
      images.write(0, pixels, done * architecture.pixels(), batch * architecture.pixels());
      Tensor raw = backbone.forward(parameters, part, batch); // (batch, D)
      kernels.normalizeRows(raw, EPSILON, normalised, norms.view(0, batch));
      normalised.read(0, features, done * dim, batch * dim);
    }
    return features;
  }
}
