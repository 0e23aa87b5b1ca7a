package stream.adasim.learner.augment;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Gaussian blur of three planes, in place, borders repeated. DINO draws sigma from .1 to 2 for
 * views of 224 pixels; smaller views get as much less, and up to 32 pixels nothing is left to blur.
 */
final class Blur {
  private static final int UNBLURRED_SIZE = 32;
  private static final double MIN_SIGMA = 0.1;
  private static final double MAX_SIGMA = 2.0;
  private static final double REFERENCE_SIZE = 224;

  private final int size;
  private final float[] padded; // one row with its borders repeated
  private final float[] blurred; // (size, size): rows done, columns to do
  private final float[] kernel;

  Blur(int size) {
    this.size = size;
    int reach = reach(MAX_SIGMA * size / REFERENCE_SIZE);
    padded = new float[size + 2 * reach];
    blurred = new float[size > UNBLURRED_SIZE ? size * size : 0];
    kernel = new float[2 * reach + 1];
  }

  private static int reach(double sigma) {
    return (int) Math.ceil(3 * sigma);
  }

  void apply(float[] out, int at, RandomGenerator random) {
    if (size > UNBLURRED_SIZE) {
      double sigma = MIN_SIGMA + (MAX_SIGMA - MIN_SIGMA) * random.nextDouble();
      apply(out, at, sigma * size / REFERENCE_SIZE);
    }
  }

  /** Blurs by a sigma in pixels of the view, at most 2 * size / 224. */
  void apply(float[] out, int at, double sigma) {
    int reach = weigh(sigma);
    for (int c = 0; c < 3; c++) {
      int plane = at + c * size * size;
      for (int y = 0; y < size; y++) {
        across(out, plane + y * size, reach, y * size);
      }
      for (int y = 0; y < size; y++) {
        down(out, plane + y * size, reach, y);
      }
    }
  }

  private int weigh(double sigma) {
    int reach = reach(sigma);
    double sum = 0;
    for (int i = -reach; i <= reach; i++) {
      sum += Math.exp(-i * i / (2 * sigma * sigma));
    }
    for (int i = -reach; i <= reach; i++) {
      kernel[i + reach] = (float) (Math.exp(-i * i / (2 * sigma * sigma)) / sum);
    }
    return reach;
  }

  private void across(float[] out, int from, int reach, int to) {
    Arrays.fill(padded, 0, reach, out[from]);
    System.arraycopy(out, from, padded, reach, size);
    Arrays.fill(padded, reach + size, 2 * reach + size, out[from + size - 1]);
    Arrays.fill(blurred, to, to + size, 0);
    for (int k = 0; k <= 2 * reach; k++) {
      add(kernel[k], padded, k, blurred, to);
    }
  }

  private void down(float[] out, int to, int reach, int y) {
    Arrays.fill(out, to, to + size, 0);
    for (int k = -reach; k <= reach; k++) {
      int row = Math.clamp(y + k, 0, size - 1);
      add(kernel[k + reach], blurred, row * size, out, to);
    }
  }

  private void add(float weight, float[] from, int at, float[] to, int start) {
    for (int i = 0; i < size; i++) {
      to[start + i] += weight * from[at + i];
    }
  }
}
