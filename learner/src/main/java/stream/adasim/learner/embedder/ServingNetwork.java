package stream.adasim.learner.embedder;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.device.DeviceTurn;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;

/**
 * The newest snapshot's network as arrivals are embedded with it: on the whole device between two
 * training steps, and during one on the calling thread alone, beside the step, where the kernels
 * can. Not thread-safe.
 */
final class ServingNetwork {
  private final DeviceTurn turn;
  private final FeatureNetwork whole;
  private final @Nullable FeatureNetwork beside;

  /**
   * @param own kernels that compute beside the others; null where there are none
   */
  ServingNetwork(
      Architecture architecture, Kernels kernels, @Nullable Kernels own, DeviceTurn turn) {
    this.turn = turn;
    this.whole = new FeatureNetwork(kernels, architecture);
    this.beside = own == null ? null : whole.with(own);
  }

  /** Takes a snapshot's weights. */
  void load(ModelSnapshot snapshot) {
    whole.load(snapshot.weights());
  }

  /**
   * Features of images, before any training step that waits.
   *
   * @param views n times (3, S, S), more may follow
   * @return n times D, each of length 1
   */
  float[] now(float[] views, int n, int floats) {
    if (n == 0) {
      return new float[0];
    }
    float[] images = Arrays.copyOf(views, n * floats);
    FeatureNetwork aside = beside;
    return turn.arrival(
        () -> whole.features(images, n), aside == null ? null : () -> aside.features(images, n));
  }

  /** Like {@link #now}, but gives way to training where both can't run at the same time. */
  float[] later(float[] views, int n, int floats) {
    if (n == 0) {
      return new float[0];
    }
    float[] images = Arrays.copyOf(views, n * floats);
    return beside == null ? turn.step(() -> whole.features(images, n)) : beside.features(images, n);
  }
}
