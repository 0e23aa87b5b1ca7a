package stream.adasim.learner.embedder;

/**
 * Measures how far a model has moved: the mean cosine distance between what it makes of the newest
 * few images now and what it made of them at the base. Not thread-safe.
 */
final class DriftProbe {
  private final ServingNetwork network;
  private final int floats;
  private final int dim;
  private final float[] views;
  private final float[] base;
  private final int capacity;
  private int count;
  private int next;

  /**
   * @param floats length of one view
   */
  DriftProbe(ServingNetwork network, int capacity, int floats, int dim) {
    this.network = network;
    this.capacity = capacity;
    this.floats = floats;
    this.dim = dim;
    views = new float[capacity * floats];
    base = new float[capacity * dim];
  }

  /** Adds an image, in place of the oldest one, with the feature that the current model made. */
  void add(float[] view, int viewOffset, float[] feature, int featureOffset) {
    System.arraycopy(view, viewOffset, views, next * floats, floats);
    System.arraycopy(feature, featureOffset, base, next * dim, dim);
    next = (next + 1) % capacity;
    count = Math.min(count + 1, capacity);
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Mean of 1 - cosine between base and current model, 0 without images. */
  double drift() {
    if (count == 0) {
      return 0;
    }
    float[] now = features();
    double sum = 0;
    for (int i = 0; i < count * dim; i++) {
      sum += (double) now[i] * base[i];
    }
    return 1 - sum / count;
  }

  /** Makes the current model the base. */
  void rebase() {
    if (count > 0) {
      System.arraycopy(features(), 0, base, 0, count * dim);
    }
  }

  private float[] features() {
    return network.now(views, count, floats);
  }
}
