package stream.adasim.learner.models;

import java.util.Optional;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.network.FeatureNetwork;

/**
 * Rounds the weights of snapshots to half precision (IEEE 754 binary16), where that is measured to
 * move no feature by more than {@link #MOST}: half the bytes to send, to keep and to load. Not
 * thread-safe.
 */
public final class HalfPrecision {
  /** Largest cosine distance between a feature by the rounded weights and by the exact ones. */
  public static final double MOST = 1e-3;

  private HalfPrecision() {}

  /**
   * A snapshot of rounded weights; empty where these serve worse.
   *
   * @param images n normalised images, planar, to compare on
   * @param n at least 1
   */
  public static Optional<ModelSnapshot> round(
      ModelSnapshot exact, Kernels kernels, float[] images, int n) {
    float[] weights = exact.weights().clone();
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Float.float16ToFloat(Float.floatToFloat16(weights[i]));
      if (!Float.isFinite(weights[i])) {
        return Optional.empty(); // beyond 65,504; the head may be, which no feature shows
      }
    }
    ModelSnapshot rounded =
        new ModelSnapshot(
            exact.modelId(), exact.version(), exact.step(), exact.architecture(), weights);
    return distance(exact, rounded, kernels, images, n) <= MOST
        ? Optional.of(rounded)
        : Optional.empty();
  }

  /** The largest cosine distance between features of the images by two snapshots. */
  static double distance(
      ModelSnapshot one, ModelSnapshot other, Kernels kernels, float[] images, int n) {
    FeatureNetwork network = new FeatureNetwork(kernels, one.architecture());
    network.load(one.weights());
    float[] expected = network.features(images, n);
    network.load(other.weights());
    float[] found = network.features(images, n);
    int dim = one.architecture().dim();
    double largest = 0;
    for (int i = 0; i < n; i++) {
      double cosine = 0;
      for (int d = i * dim; d < (i + 1) * dim; d++) {
        cosine += (double) expected[d] * found[d];
      }
      largest = Math.max(largest, Double.isNaN(cosine) ? 2 : 1 - cosine);
    }
    return largest;
  }

  /** Whether half precision holds these weights exactly. */
  static boolean holds(float[] weights) {
    for (float weight : weights) {
      if (Float.float16ToFloat(Float.floatToFloat16(weight)) != weight) {
        return false;
      }
    }
    return true;
  }

  /** The weights as half precision. */
  static short[] halves(float[] weights) {
    short[] halves = new short[weights.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = Float.floatToFloat16(weights[i]);
    }
    return halves;
  }

  /** The weights that half precision holds. */
  static float[] floats(short[] halves) {
    float[] weights = new float[halves.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Float.float16ToFloat(halves[i]);
    }
    return weights;
  }
}
