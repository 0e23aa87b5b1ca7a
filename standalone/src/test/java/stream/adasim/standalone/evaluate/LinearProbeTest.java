package stream.adasim.standalone.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;

class LinearProbeTest {
  private static final Kernels KERNELS = Backends.open("auto", 1);
  private static final int DIM = 5;
  private static final int CLASSES = 3;

  @AfterAll
  static void close() {
    KERNELS.close();
  }

  /** Classes that lines divide, apart from a tenth with a wrong label. */
  private static Vectors drawn(int n, long seed, boolean noisy) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n * DIM];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      int truth = random.nextInt(CLASSES);
      for (int d = 0; d < DIM; d++) {
        values[i * DIM + d] = (float) ((d == truth ? 6 : 0) + random.nextGaussian());
      }
      labels[i] = noisy && random.nextInt(10) == 0 ? random.nextInt(CLASSES) : truth;
    }
    return new Vectors(values, DIM, labels);
  }

  private static double share(int[] found, int[] labels) {
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      right += found[i] == labels[i] ? 1 : 0;
    }
    return (double) right / labels.length;
  }

  @Test
  void findsLinesBetweenClassesDespiteWrongLabels() {
    Vectors train = drawn(400, 1, true);
    Vectors test = drawn(400, 2, false);

    int[] found = LinearProbe.classify(KERNELS, train, test.values(), CLASSES, 1e-2);

    assertThat(share(found, test.labels())).isGreaterThan(0.97);
  }

  @Test
  void theSameVectorsGiveTheSameAnswers() {
    Vectors train = drawn(200, 1, true);
    Vectors test = drawn(200, 2, true);

    assertThat(LinearProbe.classify(KERNELS, train, test.values(), CLASSES, 1e-3))
        .isEqualTo(LinearProbe.classify(KERNELS, train, test.values(), CLASSES, 1e-3));
  }

  @Test
  void aSampleTakesItsShareOfEveryClassAndAtLeastOne() {
    Vectors train = drawn(300, 1, false);

    int[] tenth = LinearProbe.sample(train, CLASSES, 0.1, 4);
    for (int c = 0; c < CLASSES; c++) {
      int label = c;
      long all = Arrays.stream(train.labels()).filter(l -> l == label).count();
      long taken = Arrays.stream(tenth).filter(row -> train.labels()[row] == label).count();
      assertThat(taken).isEqualTo(Math.round(all * 0.1));
    }
    assertThat(LinearProbe.sample(train, CLASSES, 1e-6, 4)).hasSize(CLASSES);
    assertThat(LinearProbe.sample(train, CLASSES, 0.1, 5)).isNotEqualTo(tenth);
  }

  /** Rosenbrock's valley: minimum 0 at (1, 1). */
  @Test
  void lbfgsFollowsACurvedValley() {
    double[] found =
        Lbfgs.minimise(
            (x, gradient) -> {
              double a = 1 - x[0];
              double b = x[1] - x[0] * x[0];
              gradient[0] = -2 * a - 400 * x[0] * b;
              gradient[1] = 200 * b;
              return a * a + 100 * b * b;
            },
            new double[] {-1.2, 1},
            500,
            1e-9);

    assertThat(found[0]).isCloseTo(1, within(1e-6));
    assertThat(found[1]).isCloseTo(1, within(1e-6));
  }

  /**
   * A quadratic bowl of 30 very different curvatures has its minimum where the gradient is zero.
   */
  @Test
  void lbfgsEndsWhereTheGradientIsZero() {
    double[] found =
        Lbfgs.minimise(
            (x, gradient) -> {
              double value = 0;
              for (int d = 0; d < x.length; d++) {
                double weight = Math.pow(10, d / 10.0);
                gradient[d] = weight * (x[d] - d);
                value += weight / 2 * (x[d] - d) * (x[d] - d);
              }
              return value;
            },
            new double[30],
            300,
            1e-8);

    for (int d = 0; d < 30; d++) {
      assertThat(found[d]).isCloseTo(d, within(1e-6));
    }
  }
}
