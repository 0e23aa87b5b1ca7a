package stream.adasim.learner.network;

import java.util.Arrays;

/**
 * The network once more, in double precision and written from the papers for one image at a time,
 * without kernels and without the shortcut of the last block: every token goes all the way.
 */
public final class ReferenceNetwork {
  private final Architecture a;
  private final VitShape v;
  private final ParameterLayout layout;
  private final double[] weights;

  /** Weights are read at every call: whoever holds the array may change them between calls. */
  public ReferenceNetwork(Architecture architecture, double[] weights) {
    this.a = architecture;
    this.v = (VitShape) architecture.backbone();
    this.layout = new ParameterLayout(architecture);
    this.weights = weights;
  }

  /** Feature of one image, (3, S, S) from an offset: not normalised. */
  public double[] feature(float[] images, int offset) {
    return feature(images, offset, v.imageSize());
  }

  /** The same of an image of another side: positions are interpolated as DINO does. */
  public double[] feature(float[] images, int offset, int side) {
    int grid = side / v.patchSize();
    double[][] x = new double[1 + v.registers() + grid * grid][];
    double[] pos = parameter("pos");
    x[0] = sum(parameter("cls"), row(pos, 0));
    for (int r = 0; r < v.registers(); r++) {
      x[1 + r] = row(parameter("registers"), r);
    }
    for (int t = 0; t < grid * grid; t++) {
      double[] patch = linear(patch(images, offset, side, t / grid, t % grid), "patch");
      double[] place =
          side == v.imageSize() ? row(pos, 1 + t) : between(pos, t / grid, t % grid, grid);
      x[1 + v.registers() + t] = sum(patch, place);
    }
    for (int i = 0; i < v.depth(); i++) {
      String block = "block" + i + ".";
      double[][] attended = attention(x, block);
      for (int t = 0; t < x.length; t++) {
        x[t] = sum(x[t], linear(attended[t], block + "projection"));
        double[] hidden = linear(norm(x[t], block + "norm2"), block + "mlp1");
        Arrays.setAll(hidden, j -> gelu(hidden[j]));
        x[t] = sum(x[t], linear(hidden, block + "mlp2"));
      }
    }
    return norm(x[0], "norm");
  }

  /** Logits of a feature. */
  public double[] logits(double[] feature) {
    double[] hidden1 = linear(feature, "head.linear1");
    Arrays.setAll(hidden1, j -> gelu(hidden1[j]));
    double[] hidden2 = linear(hidden1, "head.linear2");
    Arrays.setAll(hidden2, j -> gelu(hidden2[j]));
    double[] unit = unit(linear(hidden2, "head.linear3"));
    double[] last = parameter("head.last.weight");
    int width = a.prototypeHead().bottleneck();
    double[] logits = new double[a.prototypes()];
    for (int k = 0; k < logits.length; k++) {
      double[] prototype = unit(Arrays.copyOfRange(last, k * width, (k + 1) * width));
      for (int c = 0; c < width; c++) {
        logits[k] += unit[c] * prototype[c];
      }
    }
    return logits;
  }

  /** Cross-entropy of targets and the softmax of logits over a temperature. */
  public static double crossEntropy(double[] targets, double[] logits, double temperature) {
    double[] q = softmax(logits, temperature);
    double sum = 0;
    for (int k = 0; k < q.length; k++) {
      sum -= targets[k] * Math.log(q[k]);
    }
    return sum;
  }

  /** Softmax of z over a temperature. */
  public static double[] softmax(double[] z, double temperature) {
    double max = Arrays.stream(z).max().orElseThrow();
    double[] p = new double[z.length];
    Arrays.setAll(p, k -> Math.exp((z[k] - max) / temperature));
    double total = Arrays.stream(p).sum();
    Arrays.setAll(p, k -> p[k] / total);
    return p;
  }

  /** x / |x|. */
  public static double[] unit(double[] x) {
    double norm = Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    return Arrays.stream(x).map(v -> v / norm).toArray();
  }

  static double gelu(double x) {
    return x * phi(x);
  }

  /** The normal distribution function: density times the sum of x^(2n+1) / (2n+1)!!. */
  static double phi(double x) {
    if (Math.abs(x) > 8) {
      return x < 0 ? 0 : 1;
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18; n++) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** The position of a patch of a coarser grid: Keys's cubic, a = -0.75, one axis at a time. */
  private double[] between(double[] pos, int row, int column, int grid) {
    int old = v.imageSize() / v.patchSize();
    double step = old / (grid + 0.1);
    double[] ys = cubic((row + 0.5) * step - 0.5, old);
    double[] xs = cubic((column + 0.5) * step - 0.5, old);
    double[] between = new double[a.dim()];
    for (int i = 0; i < old * old; i++) {
      double[] there = row(pos, 1 + i);
      for (int c = 0; c < between.length; c++) {
        between[c] += ys[i / old] * xs[i % old] * there[c];
      }
    }
    return between;
  }

  /** Weights of all places of a line at a point; what lies outside counts as the edge. */
  private static double[] cubic(double point, int places) {
    double[] weights = new double[places];
    int left = (int) Math.floor(point);
    double t = point - left;
    double a = -0.75;
    double[] four = {
      a * (t - 2 * t * t + t * t * t),
      1 - (a + 3) * t * t + (a + 2) * t * t * t,
      -a * t + (2 * a + 3) * t * t - (a + 2) * t * t * t,
      a * t * t - a * t * t * t
    };
    for (int i = 0; i < 4; i++) {
      weights[Math.max(0, Math.min(places - 1, left - 1 + i))] += four[i];
    }
    return weights;
  }

  private double[] patch(float[] images, int offset, int s, int row, int column) {
    int p = v.patchSize();
    double[] patch = new double[3 * p * p];
    for (int i = 0; i < patch.length; i++) {
      int channel = i / (p * p);
      int y = row * p + i / p % p;
      int x = column * p + i % p;
      patch[i] = images[offset + (channel * s + y) * s + x];
    }
    return patch;
  }

  private double[][] attention(double[][] x, String block) {
    int dim = a.dim();
    int width = dim / v.heads();
    double[][] qkv = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      qkv[t] = linear(norm(x[t], block + "norm1"), block + "qkv");
    }
    double[][] out = new double[x.length][dim];
    for (int c = 0; c < dim; c++) {
      int head = c / width * width;
      for (int i = 0; i < x.length; i++) {
        double[] scores = new double[x.length];
        for (int j = 0; j < x.length; j++) {
          for (int d = head; d < head + width; d++) {
            scores[j] += qkv[i][d] * qkv[j][dim + d];
          }
        }
        double[] p = softmax(scores, Math.sqrt(width));
        for (int j = 0; j < x.length; j++) {
          out[i][c] += p[j] * qkv[j][2 * dim + c];
        }
      }
    }
    return out;
  }

  private double[] linear(double[] x, String name) {
    double[] w = parameter(name + ".weight");
    double[] y = parameter(name + ".bias");
    for (int o = 0; o < y.length; o++) {
      for (int i = 0; i < x.length; i++) {
        y[o] += x[i] * w[o * x.length + i];
      }
    }
    return y;
  }

  private double[] norm(double[] x, String name) {
    double[] gamma = parameter(name + ".gamma");
    double[] beta = parameter(name + ".beta");
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    double[] y = new double[x.length];
    Arrays.setAll(y, c -> (x[c] - mean) / Math.sqrt(variance + 1e-6) * gamma[c] + beta[c]);
    return y;
  }

  private double[] row(double[] rows, int index) {
    return Arrays.copyOfRange(rows, index * a.dim(), (index + 1) * a.dim());
  }

  private double[] parameter(String name) {
    ParameterLayout.Slice slice = layout.slice(name);
    return Arrays.copyOfRange(weights, slice.offset(), slice.offset() + slice.size());
  }

  private static double[] sum(double[] x, double[] y) {
    double[] sum = new double[x.length];
    Arrays.setAll(sum, c -> x[c] + y[c]);
    return sum;
  }
}
