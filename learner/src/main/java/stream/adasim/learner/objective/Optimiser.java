package stream.adasim.learner.objective;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;

/**
 * AdamW over the flat buffers of a network, after DINO's clipping: each parameter by its own norm.
 *
 * <p>While the head's last layer is frozen it gets neither update nor decay, and its moments and
 * their age stand still too, as when PyTorch finds no gradient.
 */
final class Optimiser {
  private final Kernels kernels;
  private final ObjectiveSettings settings;
  private final Tensor m;
  private final Tensor v;
  private final List<Tensor> gradientSlices;
  private final @Nullable Range last; // of DINO's head
  private final Range decayed;
  private final Range rest;

  /** A part of the flat buffers that is updated by one call. */
  private record Range(Tensor weights, Tensor gradients, Tensor m, Tensor v) {
    static Range of(Range whole, int from, int to) {
      return new Range(
          whole.weights.view(from, to - from),
          whole.gradients.view(from, to - from),
          whole.m.view(from, to - from),
          whole.v.view(from, to - from));
    }
  }

  /**
   * @param weights what is trained, in the order of the layout
   * @param gradients likewise
   */
  Optimiser(
      Kernels kernels,
      ObjectiveSettings settings,
      ParameterLayout layout,
      Tensor weights,
      Tensor gradients) {
    this.kernels = kernels;
    this.settings = settings;
    this.m = kernels.allocate(layout.trainedSize());
    this.v = kernels.allocate(layout.trainedSize());
    this.gradientSlices =
        layout.trainedSlices().stream().map(slice -> view(gradients, slice)).toList();
    int lastEnd = layout.freezableSize();
    var whole = new Range(weights, gradients, m, v);
    this.last = lastEnd == 0 ? null : Range.of(whole, 0, lastEnd);
    this.decayed = Range.of(whole, lastEnd, layout.decayedSize());
    this.rest = Range.of(whole, layout.decayedSize(), layout.trainedSize());
  }

  /** First moments of what is trained, in the order of the layout. */
  Tensor m() {
    return m;
  }

  /** Second moments of what is trained, in the order of the layout. */
  Tensor v() {
    return v;
  }

  /**
   * Scales every parameter's gradient whose norm exceeds the limit down to it.
   *
   * @return the norm of all gradients together before that
   */
  double clip() {
    double squares = 0;
    for (Tensor gradient : gradientSlices) {
      double norm = kernels.norm(gradient);
      double factor = settings.clip() / (norm + 1e-6);
      if (factor < 1) {
        kernels.scale((float) factor, gradient);
      }
      squares += norm * norm;
    }
    return Math.sqrt(squares);
  }

  /**
   * Moves the weights.
   *
   * @param age number of this update, from 1
   * @param lastAge number of this update of the last layer, from 1; 0 while it is frozen
   */
  void update(double learningRate, double weightDecay, long age, long lastAge) {
    if (last != null && lastAge > 0) {
      adamW(last, learningRate, weightDecay, lastAge);
    }
    adamW(decayed, learningRate, weightDecay, age);
    adamW(rest, learningRate, 0, age);
  }

  private void adamW(Range range, double learningRate, double weightDecay, long age) {
    kernels.adamW(
        range.weights,
        range.gradients,
        range.m,
        range.v,
        (float) learningRate,
        (float) weightDecay,
        (float) settings.beta1(),
        (float) settings.beta2(),
        (float) settings.epsilon(),
        age);
  }

  private static Tensor view(Tensor flat, Slice slice) {
    return flat.view(slice.offset(), slice.size());
  }
}
