package stream.adasim.learner.augment;

/**
 * Filter weights along one axis: which source samples make each output sample. The bicubic filter
 * of PIL and of torchvision's {@code antialias=True} (Keys 1981, a = -1/2), widened by the scale
 * when shrinking, cut off and renormalised at the borders of the source.
 */
final class Axis {
  private static final double SUPPORT = 2;

  /** Per output sample: its first source sample. */
  final int[] first;

  /** Per output sample: how many source samples. */
  final int[] taps;

  /** Of the source samples of output i, from i * stride on. */
  float[] weights = {};

  int stride;

  Axis(int size) {
    first = new int[size];
    taps = new int[size];
  }

  /**
   * Computes the weights.
   *
   * @param length of the source
   * @param scaled length that all of the source would be resized to
   * @param skip output samples of those that are cut off in front
   */
  void set(int length, int scaled, int skip) {
    double scale = (double) length / scaled;
    double stretch = Math.max(scale, 1);
    double support = SUPPORT * stretch;
    stride = 2 * (int) Math.ceil(support) + 1;
    if (weights.length < stride * first.length) {
      weights = new float[stride * first.length];
    }
    for (int i = 0; i < first.length; i++) {
      double centre = (skip + i + 0.5) * scale;
      int from = Math.max((int) (centre - support + 0.5), 0);
      int to = Math.min((int) (centre + support + 0.5), length);
      first[i] = from;
      taps[i] = to - from;
      weigh(i, centre, stretch);
    }
  }

  private void weigh(int i, double centre, double stretch) {
    int at = i * stride;
    float sum = 0;
    for (int t = 0; t < taps[i]; t++) {
      float weight = cubic((float) ((first[i] + t + 0.5 - centre) / stretch));
      weights[at + t] = weight;
      sum += weight;
    }
    for (int t = 0; t < taps[i]; t++) {
      weights[at + t] /= sum;
    }
  }

  private static float cubic(float distance) {
    float x = Math.abs(distance);
    if (x < 1) {
      return (1.5f * x - 2.5f) * x * x + 1;
    }
    return x < 2 ? ((-0.5f * x + 2.5f) * x - 4) * x + 2 : 0;
  }
}
