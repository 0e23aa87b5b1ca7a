package stream.adasim.compute;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The formulas of the kernels, written out in double precision without any library. */
final class PlainKernels {
  private PlainKernels() {}

  /** (N, I), (O, I) -> (N, O). */
  static double[] linear(
      double[] x,
      double[] w,
      double @Nullable [] bias,
      double @Nullable [] residual,
      int n,
      int in,
      int out) {
    double[] y = new double[n * out];
    for (int r = 0; r < n; r++) {
      for (int o = 0; o < out; o++) {
        double sum = bias == null ? 0 : bias[o];
        for (int i = 0; i < in; i++) {
          sum += x[r * in + i] * w[o * in + i];
        }
        y[r * out + o] = residual == null ? sum : sum + residual[r * out + o];
      }
    }
    return y;
  }

  static double[] gelu(double[] x) {
    return Arrays.stream(x).map(v -> v * 0.5 * (1 + erf(v / Math.sqrt(2)))).toArray();
  }

  /** erf(x) = 2 / sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!; all terms have one sign. */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /** y, then mean, then 1 / standard deviation. */
  @SuppressWarnings("ArrayRecordComponent") // three results, never compared as one
  record LayerNorm(double[] y, double[] mean, double[] rstd) {}

  static LayerNorm layerNorm(double[] x, double[] gamma, double[] beta, double epsilon) {
    int d = gamma.length;
    int n = x.length / d;
    double[] y = new double[x.length];
    double[] mean = new double[n];
    double[] rstd = new double[n];
    for (int r = 0; r < n; r++) {
      double sum = 0;
      for (int c = 0; c < d; c++) {
        sum += x[r * d + c];
      }
      mean[r] = sum / d;
      double squares = 0;
      for (int c = 0; c < d; c++) {
        squares += Math.pow(x[r * d + c] - mean[r], 2);
      }
      rstd[r] = 1 / Math.sqrt(squares / d + epsilon);
      for (int c = 0; c < d; c++) {
        y[r * d + c] = (x[r * d + c] - mean[r]) * rstd[r] * gamma[c] + beta[c];
      }
    }
    return new LayerNorm(y, mean, rstd);
  }

  static double[] norms(double[] x, int d, double epsilon) {
    double[] norms = new double[x.length / d];
    for (int r = 0; r < norms.length; r++) {
      double squares = 0;
      for (int c = 0; c < d; c++) {
        squares += x[r * d + c] * x[r * d + c];
      }
      norms[r] = Math.max(Math.sqrt(squares), epsilon);
    }
    return norms;
  }

  static double[] normalizeRows(double[] x, int d, double epsilon) {
    double[] norms = norms(x, d, epsilon);
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] / norms[i / d];
    }
    return y;
  }

  static double[] patches(double[] images, int b, int c, int h, int w, int p) {
    double[] out = new double[images.length];
    int next = 0;
    for (int image = 0; image < b; image++) {
      for (int top = 0; top < h; top += p) {
        for (int left = 0; left < w; left += p) {
          for (int channel = 0; channel < c; channel++) {
            for (int row = top; row < top + p; row++) {
              for (int column = left; column < left + p; column++) {
                out[next++] = images[((image * c + channel) * h + row) * w + column];
              }
            }
          }
        }
      }
    }
    return out;
  }

  static double[] tokens(double[] x, double[] prefix, double[] pos, int b, int d) {
    int p = prefix.length / d;
    int t = x.length / d / b;
    double[] out = new double[b * (p + t) * d];
    for (int i = 0; i < out.length; i++) {
      int image = i / d / (p + t);
      int token = i / d % (p + t);
      int c = i % d;
      if (token == 0) {
        out[i] = prefix[c] + pos[c];
      } else if (token < p) {
        out[i] = prefix[token * d + c];
      } else {
        out[i] = x[(image * t + token - p) * d + c] + pos[(1 + token - p) * d + c];
      }
    }
    return out;
  }

  /** Probabilities (B, heads, T, T) and outputs (B * T, heads * d). */
  @SuppressWarnings("ArrayRecordComponent") // two results, never compared as one
  record Attention(double[] probabilities, double[] out) {}

  static Attention attention(double[] qkv, int b, int t, int heads, int d) {
    int width = heads * d;
    double[] probabilities = new double[b * heads * t * t];
    double[] out = new double[b * t * width];
    for (int image = 0; image < b; image++) {
      for (int head = 0; head < heads; head++) {
        for (int query = 0; query < t; query++) {
          double[] scores = new double[t];
          int q = (image * t + query) * 3 * width + head * d;
          for (int key = 0; key < t; key++) {
            int k = (image * t + key) * 3 * width + width + head * d;
            for (int c = 0; c < d; c++) {
              scores[key] += qkv[q + c] * qkv[k + c] / Math.sqrt(d);
            }
          }
          double[] p = softmax(scores, null, 1, t);
          System.arraycopy(p, 0, probabilities, ((image * heads + head) * t + query) * t, t);
          for (int key = 0; key < t; key++) {
            int v = (image * t + key) * 3 * width + 2 * width + head * d;
            for (int c = 0; c < d; c++) {
              out[(image * t + query) * width + head * d + c] += p[key] * qkv[v + c];
            }
          }
        }
      }
    }
    return new Attention(probabilities, out);
  }

  /** Extents of a convolution: x (B, H, W, C), w (O, C, k, k). */
  record Window(int b, int c, int h, int w, int o, int k, int stride, int padding) {
    int down() {
      return (h + 2 * padding - k) / stride + 1;
    }

    int across() {
      return (w + 2 * padding - k) / stride + 1;
    }

    int inputs() {
      return b * c * h * w;
    }

    int outputs() {
      return b * o * down() * across();
    }

    int weights() {
      return o * c * k * k;
    }

    /** Calls for each product of a pixel and a weight that goes into an output. */
    void forEach(Tap tap) {
      for (int output = 0; output < outputs(); output++) {
        int out = output % o;
        int left = output / o % across() * stride - padding;
        int top = output / (o * across()) % down() * stride - padding;
        int image = output / (o * across() * down());
        for (int i = 0; i < c * k * k; i++) {
          int row = top + i / k % k;
          int column = left + i % k;
          if (row >= 0 && row < h && column >= 0 && column < w) {
            int input = ((image * h + row) * w + column) * c + i / (k * k);
            tap.meets(input, out * c * k * k + i, output);
          }
        }
      }
    }
  }

  /** A pixel, a weight and the output that their product is added to. */
  interface Tap {
    void meets(int input, int weight, int output);
  }

  static double[] convolution(double[] x, double[] w, Window window) {
    double[] y = new double[window.outputs()];
    window.forEach((input, weight, output) -> y[output] += x[input] * w[weight]);
    return y;
  }

  static double[] convolutionBackwardInput(double[] dy, double[] w, Window window) {
    double[] dx = new double[window.inputs()];
    window.forEach((input, weight, output) -> dx[input] += dy[output] * w[weight]);
    return dx;
  }

  static double[] convolutionBackwardWeight(double[] x, double[] dy, Window window) {
    double[] dw = new double[window.weights()];
    window.forEach((input, weight, output) -> dw[weight] += dy[output] * x[input]);
    return dw;
  }

  /** The pixel that each window takes, its first in rows and then columns; as many as outputs. */
  static int[] winners(double[] x, Window e) {
    int[] winners = new int[e.b() * e.c() * e.down() * e.across()];
    for (int i = 0; i < winners.length; i++) {
      int channel = i % e.c();
      int left = i / e.c() % e.across() * e.stride() - e.padding();
      int top = i / (e.c() * e.across()) % e.down() * e.stride() - e.padding();
      int image = i / (e.c() * e.across() * e.down());
      int best = -1;
      for (int row = Math.max(0, top); row < Math.min(e.h(), top + e.k()); row++) {
        for (int column = Math.max(0, left); column < Math.min(e.w(), left + e.k()); column++) {
          int pixel = ((image * e.h() + row) * e.w() + column) * e.c() + channel;
          best = best < 0 || x[pixel] > x[best] ? pixel : best;
        }
      }
      winners[i] = best;
    }
    return winners;
  }

  /** Mean and variance (divided by n) of each channel; x (N, C). */
  @SuppressWarnings("ArrayRecordComponent") // two results, never compared as one
  record Moments(double[] mean, double[] variance) {}

  static Moments moments(double[] x, int c) {
    int n = x.length / c;
    double[] mean = new double[c];
    double[] variance = new double[c];
    for (int i = 0; i < x.length; i++) {
      mean[i % c] += x[i] / n;
    }
    for (int i = 0; i < x.length; i++) {
      variance[i % c] += Math.pow(x[i] - mean[i % c], 2) / n;
    }
    return new Moments(mean, variance);
  }

  static double[] batchNorm(
      double[] x, Moments moments, double[] gamma, double[] beta, double epsilon) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i % gamma.length;
      double rstd = 1 / Math.sqrt(moments.variance()[c] + epsilon);
      y[i] = (x[i] - moments.mean()[c]) * rstd * gamma[c] + beta[c];
    }
    return y;
  }

  static double[] softmax(double[] z, double @Nullable [] shift, double temperature, int k) {
    double[] p = new double[z.length];
    for (int r = 0; r < z.length / k; r++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < k; c++) {
        p[r * k + c] = (z[r * k + c] - (shift == null ? 0 : shift[c])) / temperature;
        largest = Math.max(largest, p[r * k + c]);
      }
      double sum = 0;
      for (int c = 0; c < k; c++) {
        p[r * k + c] = Math.exp(p[r * k + c] - largest);
        sum += p[r * k + c];
      }
      for (int c = 0; c < k; c++) {
        p[r * k + c] /= sum;
      }
    }
    return p;
  }

  static double crossEntropy(double[] p, double[] z, double temperature, double weight, int k) {
    double[] q = softmax(z, null, temperature, k);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum -= p[i] * Math.log(q[i]);
    }
    int rows = p.length / k;
    return weight * sum / rows;
  }

  static double entropy(double[] p) {
    return -Arrays.stream(p).filter(v -> v > 0).map(v -> v * Math.log(v)).sum();
  }
}
