package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Random numbers for kernels and plain code alike, and how far two results may be apart. */
final class Numbers {
  private static final double STEP = 1e-5;

  private final Kernels kernels;
  private final RandomGenerator random;

  Numbers(Kernels kernels, long seed) {
    this.kernels = kernels;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** Normal numbers that a float holds exactly, so that both sides get the same. */
  double[] normal(int size) {
    double[] x = new double[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  Tensor tensor(double[] x, int... shape) {
    Tensor tensor = kernels.allocate(shape);
    tensor.write(floats(x));
    return tensor;
  }

  /**
   * A tensor of these elements that is a view into the middle of a larger one, as the parts of a
   * flat parameter buffer are.
   */
  Tensor view(double[] x, int... shape) {
    Tensor around = kernels.allocate(x.length + 12);
    kernels.fill(around, Float.NaN);
    Tensor view = around.view(5, shape);
    view.write(floats(x));
    return view;
  }

  static float[] floats(double[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) x[i];
    }
    return y;
  }

  static double[] doubles(float[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i];
    }
    return y;
  }

  /** Largest difference, relative to the largest expected magnitude. */
  static void assertClose(Tensor found, double[] expected, double tolerance) {
    assertClose(found.toArray(), expected, tolerance);
  }

  static void assertClose(float[] found, double[] expected, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    double scale = 1e-30;
    for (double e : expected) {
      scale = Math.max(scale, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(found[i] - expected[i]) / scale)
          .as("element %d: %s, expected %s", i, found[i], expected[i])
          .isLessThanOrEqualTo(tolerance);
    }
  }

  /**
   * Compares a gradient with central differences of a plain function, at up to 60 elements of x; x
   * is changed and put back.
   */
  void assertGradient(
      ToDoubleFunction<double[]> loss, double[] x, float[] gradient, double tolerance) {
    assertThat(gradient).hasSameSizeAs(x);
    double scale = 1e-30;
    for (float g : gradient) {
      scale = Math.max(scale, Math.abs(g));
    }
    int checks = Math.min(60, x.length);
    for (int check = 0; check < checks; check++) {
      int i = x.length <= 60 ? check : below(x.length);
      double kept = x[i];
      x[i] = kept + STEP;
      double above = loss.applyAsDouble(x);
      x[i] = kept - STEP;
      double below = loss.applyAsDouble(x);
      x[i] = kept;
      double slope = (above - below) / (2 * STEP);
      assertThat(Math.abs(gradient[i] - slope) / scale)
          .as("element %d: %s, finite difference %s", i, gradient[i], slope)
          .isLessThanOrEqualTo(tolerance);
    }
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  static double[] plus(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }

  /** found - before: what an accumulating kernel added. */
  static float[] added(Tensor found, double[] before) {
    float[] difference = found.toArray();
    for (int i = 0; i < difference.length; i++) {
      difference[i] -= (float) before[i];
    }
    return difference;
  }
}
