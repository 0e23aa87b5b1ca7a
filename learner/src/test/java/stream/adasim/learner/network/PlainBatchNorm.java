package stream.adasim.learner.network;

import static stream.adasim.learner.network.PlainKernels.check;
import static stream.adasim.learner.network.PlainKernels.d;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Tensor;

/** Batch norm of images (B, H, W, C), channel by channel. */
final class PlainBatchNorm {
  private PlainBatchNorm() {}

  private static int channel(Doubles x, int i) {
    return i % x.extent(3);
  }

  static void moments(
      Doubles x,
      float epsilon,
      float momentum,
      Tensor runningMean,
      Tensor runningVariance,
      Tensor mean,
      Tensor rstd) {
    int channels = x.extent(3);
    double n = (double) x.size() / channels;
    double[] variance = new double[channels];
    for (int c = 0; c < channels; c++) {
      d(mean).set(c, 0);
    }
    for (int i = 0; i < x.size(); i++) {
      d(mean).add(channel(x, i), x.get(i) / n);
    }
    for (int i = 0; i < x.size(); i++) {
      double apart = x.get(i) - d(mean).get(channel(x, i));
      variance[channel(x, i)] += apart * apart / n;
    }
    for (int c = 0; c < channels; c++) {
      d(rstd).set(c, 1 / Math.sqrt(variance[c] + epsilon));
      average(d(runningMean), c, momentum, d(mean).get(c));
      average(d(runningVariance), c, momentum, variance[c] * n / (n - 1));
    }
  }

  private static void average(Doubles running, int c, double momentum, double now) {
    running.set(c, (1 - momentum) * running.get(c) + momentum * now);
  }

  static void normalise(
      Doubles x,
      Tensor gamma,
      Tensor beta,
      Tensor mean,
      Tensor rstd,
      @Nullable Tensor residual,
      boolean relu,
      Doubles y) {
    check(x.size() == y.size() && mean.size() == x.extent(3), x, y, mean);
    check(residual == null || residual.size() == x.size(), x, y);
    for (int i = 0; i < x.size(); i++) {
      int c = channel(x, i);
      double normed = (x.get(i) - d(mean).get(c)) * d(rstd).get(c);
      double added = residual == null ? 0 : d(residual).get(i);
      double value = normed * d(gamma).get(c) + d(beta).get(c) + added;
      y.set(i, relu ? Math.max(0, value) : value);
    }
  }

  /** Puts together in dy what comes back, in front of a ReLU where there was one. */
  static void gather(@Nullable Tensor y, @Nullable Tensor beside, Doubles dy) {
    for (int i = 0; i < dy.size(); i++) {
      double sum = dy.get(i) + (beside == null ? 0 : d(beside).get(i));
      dy.set(i, y == null || d(y).get(i) > 0 ? sum : 0);
    }
  }

  static void backward(
      Doubles x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Doubles dy,
      Doubles dx,
      Tensor dgamma,
      Tensor dbeta) {
    check(x.size() == dx.size() && x.size() == dy.size(), x, dy, dx);
    int channels = x.extent(3);
    double n = (double) x.size() / channels;
    double[] sums = new double[channels];
    double[] tilts = new double[channels];
    for (int i = 0; i < x.size(); i++) {
      int c = channel(x, i);
      sums[c] += dy.get(i);
      tilts[c] += dy.get(i) * (x.get(i) - d(mean).get(c)) * d(rstd).get(c);
    }
    for (int c = 0; c < channels; c++) {
      d(dbeta).add(c, sums[c]);
      d(dgamma).add(c, tilts[c]);
    }
    for (int i = 0; i < x.size(); i++) {
      int c = channel(x, i);
      double normed = (x.get(i) - d(mean).get(c)) * d(rstd).get(c);
      double g = dy.get(i) - sums[c] / n - normed * tilts[c] / n;
      dx.set(i, d(gamma).get(c) * d(rstd).get(c) * g);
    }
  }
}
