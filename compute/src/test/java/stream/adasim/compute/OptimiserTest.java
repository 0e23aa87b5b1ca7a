package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static stream.adasim.compute.Numbers.assertClose;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Backend.class)
class OptimiserTest {
  private final Kernels kernels;
  private final Numbers numbers;

  OptimiserTest(Backend backend) {
    this.kernels = backend.kernels();
    this.numbers = new Numbers(kernels, 19);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1001, 70_001})
  void adamWTakesThePublishedSteps(int size) {
    float lr = 0.01f;
    float decay = 0.1f;
    float b1 = 0.9f;
    float b2 = 0.999f;
    float epsilon = 1e-3f;
    double[] w = numbers.normal(size);
    double[] m = new double[size];
    double[] v = new double[size];
    Tensor ws = numbers.view(w, size);
    Tensor ms = numbers.view(m, size);
    Tensor vs = numbers.view(v, size);
    for (long t = 1; t <= 5; t++) {
      double[] g = numbers.normal(size);
      kernels.adamW(ws, numbers.view(g, size), ms, vs, lr, decay, b1, b2, epsilon, t);
      for (int i = 0; i < size; i++) {
        w[i] -= lr * (double) decay * w[i];
        m[i] = b1 * m[i] + (1.0 - b1) * g[i];
        v[i] = b2 * v[i] + (1.0 - b2) * g[i] * g[i];
        double mhat = m[i] / (1 - Math.pow(b1, (double) t));
        double vhat = v[i] / (1 - Math.pow(b2, (double) t));
        w[i] -= lr * mhat / (Math.sqrt(vhat) + epsilon);
      }
      assertClose(ws, w, 2e-6);
      assertClose(ms, m, 2e-6);
      assertClose(vs, v, 2e-5); // 1 - b2 has lost digits in single precision
    }
  }

  @Test
  void adamWAtAnEarlyAndALateStepCorrectsTheBias() {
    for (long t : new long[] {1, 10, 1_000_000, 5_000_000_000L}) {
      Tensor w = kernels.allocate(1);
      Tensor m = numbers.tensor(new double[] {0.5}, 1);
      Tensor v = numbers.tensor(new double[] {0.25}, 1);
      Tensor g = numbers.tensor(new double[] {0.5}, 1);
      kernels.adamW(w, g, m, v, 1, 0, 0.9f, 0.999f, 0, t);
      double mhat = 0.5 / (1 - Math.pow(0.9f, (double) t));
      double vhat = 0.25 / (1 - Math.pow(0.999f, (double) t));
      assertClose(w, new double[] {-mhat / Math.sqrt(vhat)}, 1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1001, 70_001})
  void emaMovesTheTeacherTowardsTheStudent(int size) {
    double[] teacher = numbers.normal(size);
    double[] student = numbers.normal(size);
    Tensor ts = numbers.view(teacher, size);
    kernels.ema(ts, numbers.view(student, size), 0.996f);
    for (int i = 0; i < size; i++) {
      teacher[i] = 0.996f * teacher[i] + (1.0 - 0.996f) * student[i];
    }
    assertClose(ts, teacher, 1e-6);
  }

  @Test
  void namesKernelAndWhatDoesNotFit() {
    Tensor a = kernels.allocate(4);
    Tensor b = kernels.allocate(3);
    assertThatThrownBy(() -> kernels.adamW(a, a, b, a, 1, 0, 0.9f, 0.99f, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("adamW: m has shape [3], expected 4 elements");
    assertThatThrownBy(() -> kernels.adamW(a, a, a, a, 1, 0, 0.9f, 0.99f, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("adamW: t=0, expected 1 or more");
    assertThatThrownBy(() -> kernels.ema(a, b, 0.9f))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("student");
  }
}
