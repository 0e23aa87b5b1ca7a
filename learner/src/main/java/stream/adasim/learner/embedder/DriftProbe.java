package stream.adasim.learner.embedder;

import java.util.function.BiFunction;

/**
 * Measures how far a model has moved: the mean cosine distance between what it makes of a few
 * images now and what it made of them at the base. These are the first images after the base: if
 * each arrival took an older one's place, a steady stream of them would leave only images that the
 * model has hardly moved since. Not thread-safe.
 */
final class DriftProbe {
  private final BiFunction<float[], Integer, float[]> network;
  private final int floats;
  private final int dim;
  private final float[] views;
  private final float[] base;
  private final int capacity;
  private int count;
  private int next;
  private int sinceBase;

  /**
   * @param network what the current model makes of so many views
   * @param floats length of one view
   */
  DriftProbe(BiFunction<float[], Integer, float[]> network, int capacity, int floats, int dim) {
    this.network = network;
    this.capacity = capacity;
    this.floats = floats;
    this.dim = dim;
    views = new float[capacity * floats];
    base = new float[capacity * dim];
  }

  /**
   * Adds an image with the feature that the current model made, in place of one from before the
   * base; without effect where none is left.
   */
  void add(float[] view, int viewOffset, float[] feature, int featureOffset) {
    if (sinceBase == capacity) {
      return;
    }
    sinceBase++;
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
    sinceBase = 0;
    if (count > 0) {
      System.arraycopy(features(), 0, base, 0, count * dim);
    }
  }

  private float[] features() {
    return network.apply(views, count);
  }
}
