package stream.adasim.learner.network;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * Kernels as loops in double precision, on memory in double precision: slow, and exact enough to
 * tell a wrong gradient from a rounded one.
 */
public final class PlainKernels implements Kernels {

  static Doubles d(Tensor x) {
    return (Doubles) x;
  }

  /** All elements without rounding. */
  public static double[] doubles(Tensor x) {
    return d(x).all();
  }

  static void check(boolean fits, Tensor... found) {
    if (!fits) {
      throw new IllegalArgumentException(Arrays.toString(found));
    }
  }

  @Override
  public String describe() {
    return "plain loops";
  }

  @Override
  public Tensor allocate(int... shape) {
    return Doubles.zeros(shape);
  }

  /** More than one, so that what is split is added up again. */
  @Override
  public int workers() {
    return 2;
  }

  @Override
  public void run(int tasks, IntConsumer task) {
    for (int i = 0; i < tasks; i++) {
      task.accept(i);
    }
  }

  @Override
  public Optional<Kernels> beside() {
    return Optional.empty();
  }

  @Override
  public void close() {}

  @Override
  public void fill(Tensor x, float value) {
    for (int i = 0; i < x.size(); i++) {
      d(x).set(i, value);
    }
  }

  @Override
  public void copy(Tensor x, Tensor y) {
    check(x.size() == y.size(), x, y);
    for (int i = 0; i < x.size(); i++) {
      d(y).set(i, d(x).get(i));
    }
  }

  @Override
  public void axpy(float alpha, Tensor x, Tensor y) {
    check(x.size() == y.size(), x, y);
    for (int i = 0; i < x.size(); i++) {
      d(y).add(i, alpha * d(x).get(i));
    }
  }

  @Override
  public void scale(float alpha, Tensor x) {
    for (int i = 0; i < x.size(); i++) {
      d(x).set(i, alpha * d(x).get(i));
    }
  }

  @Override
  public void gatherRows(Tensor x, int first, int stride, Tensor y) {
    int columns = x.columns();
    check(y.columns() == columns && first + (y.rows() - 1) * stride < x.rows(), x, y);
    for (int r = 0; r < y.rows(); r++) {
      for (int c = 0; c < columns; c++) {
        d(y).set(r * columns + c, d(x).get((first + r * stride) * columns + c));
      }
    }
  }

  @Override
  public void scatterAddRows(Tensor x, int first, int stride, Tensor y) {
    int columns = x.columns();
    check(y.columns() == columns && first + (x.rows() - 1) * stride < y.rows(), x, y);
    for (int r = 0; r < x.rows(); r++) {
      for (int c = 0; c < columns; c++) {
        d(y).add((first + r * stride) * columns + c, d(x).get(r * columns + c));
      }
    }
  }

  @Override
  public void scaleRows(Tensor x, Tensor factors, Tensor y) {
    check(y.size() == x.size() && factors.size() == x.rows(), x, factors, y);
    for (int i = 0; i < x.size(); i++) {
      d(y).set(i, d(x).get(i) * d(factors).get(i / x.columns()));
    }
  }

  @Override
  public void columnMean(Tensor x, Tensor out) {
    int columns = x.columns();
    check(out.size() == columns, x, out);
    for (int c = 0; c < columns; c++) {
      double sum = 0;
      for (int r = 0; r < x.rows(); r++) {
        sum += d(x).get(r * columns + c);
      }
      d(out).set(c, sum / x.rows());
    }
  }

  @Override
  public double norm(Tensor x) {
    double sum = 0;
    for (int i = 0; i < x.size(); i++) {
      sum += d(x).get(i) * d(x).get(i);
    }
    return Math.sqrt(sum);
  }

  @Override
  public void linear(
      Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y) {
    int in = w.columns();
    int out = w.rows();
    check(x.columns() == in && y.columns() == out && x.rows() == y.rows(), x, w, y);
    check(bias == null || bias.size() == out, x, w, y);
    check(residual == null || residual.size() == y.size(), x, w, y);
    for (int r = 0; r < x.rows(); r++) {
      for (int o = 0; o < out; o++) {
        double sum = bias == null ? 0 : d(bias).get(o);
        for (int i = 0; i < in; i++) {
          sum += d(x).get(r * in + i) * d(w).get(o * in + i);
        }
        d(y).set(r * out + o, sum + (residual == null ? 0 : d(residual).get(r * out + o)));
      }
    }
  }

  @Override
  public void linearGelu(Tensor x, Tensor w, Tensor bias, @Nullable Tensor slope, Tensor y) {
    linear(x, w, bias, null, y);
    check(slope == null || slope.size() == y.size(), y);
    for (int i = 0; i < y.size(); i++) {
      double z = d(y).get(i);
      d(y).set(i, ReferenceNetwork.gelu(z));
      if (slope != null) {
        double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        d(slope).set(i, ReferenceNetwork.phi(z) + z * density);
      }
    }
  }

  @Override
  public void linearBackwardInput(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
    int in = w.columns();
    int out = w.rows();
    check(dx.columns() == in && dy.columns() == out && dx.rows() == dy.rows(), dy, w, dx);
    for (int r = 0; r < dx.rows(); r++) {
      for (int i = 0; i < in; i++) {
        double sum = accumulate ? d(dx).get(r * in + i) : 0;
        for (int o = 0; o < out; o++) {
          sum += d(dy).get(r * out + o) * d(w).get(o * in + i);
        }
        d(dx).set(r * in + i, sum);
      }
    }
  }

  @Override
  public void linearBackwardWeight(Tensor x, Tensor dy, Tensor dw, @Nullable Tensor dbias) {
    int in = x.columns();
    int out = dy.columns();
    check(dw.rows() == out && dw.columns() == in && x.rows() == dy.rows(), x, dy, dw);
    check(dbias == null || dbias.size() == out, x, dy, dw);
    for (int r = 0; r < x.rows(); r++) {
      for (int o = 0; o < out; o++) {
        double g = d(dy).get(r * out + o);
        if (dbias != null) {
          d(dbias).add(o, g);
        }
        for (int i = 0; i < in; i++) {
          d(dw).add(o * in + i, g * d(x).get(r * in + i));
        }
      }
    }
  }

  @Override
  public void geluBackward(Tensor slope, Tensor dy, Tensor dpre) {
    check(slope.size() == dy.size() && slope.size() == dpre.size(), slope, dy, dpre);
    for (int i = 0; i < slope.size(); i++) {
      d(dpre).set(i, d(dy).get(i) * d(slope).get(i));
    }
  }

  @Override
  public void layerNorm(
      Tensor x, Tensor gamma, Tensor beta, float epsilon, Tensor y, Tensor mean, Tensor rstd) {
    int columns = x.columns();
    check(y.size() == x.size() && mean.size() == x.rows() && rstd.size() == x.rows(), x, y, mean);
    for (int r = 0; r < x.rows(); r++) {
      double m = 0;
      double variance = 0;
      for (int c = 0; c < columns; c++) {
        m += d(x).get(r * columns + c) / columns;
      }
      for (int c = 0; c < columns; c++) {
        double difference = d(x).get(r * columns + c) - m;
        variance += difference * difference / columns;
      }
      double scale = 1 / Math.sqrt(variance + epsilon);
      d(mean).set(r, m);
      d(rstd).set(r, scale);
      for (int c = 0; c < columns; c++) {
        double normed = (d(x).get(r * columns + c) - m) * scale;
        d(y).set(r * columns + c, normed * d(gamma).get(c) + d(beta).get(c));
      }
    }
  }

  @Override
  public void layerNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      Tensor dy,
      Tensor dx,
      boolean accumulate,
      Tensor dgamma,
      Tensor dbeta) {
    int columns = x.columns();
    check(dx.size() == x.size() && dy.size() == x.size() && mean.size() == x.rows(), x, dy, dx);
    for (int r = 0; r < x.rows(); r++) {
      double sum = 0;
      double dot = 0;
      for (int c = 0; c < columns; c++) {
        double normed = (d(x).get(r * columns + c) - d(mean).get(r)) * d(rstd).get(r);
        double g = d(dy).get(r * columns + c);
        d(dgamma).add(c, g * normed);
        d(dbeta).add(c, g);
        sum += g * d(gamma).get(c) / columns;
        dot += g * d(gamma).get(c) * normed / columns;
      }
      for (int c = 0; c < columns; c++) {
        double normed = (d(x).get(r * columns + c) - d(mean).get(r)) * d(rstd).get(r);
        double g = d(dy).get(r * columns + c) * d(gamma).get(c);
        double value = d(rstd).get(r) * (g - sum - normed * dot);
        d(dx).set(r * columns + c, value + (accumulate ? d(dx).get(r * columns + c) : 0));
      }
    }
  }

  @Override
  public void normalizeRows(Tensor x, float epsilon, Tensor y, Tensor norms) {
    int columns = x.columns();
    check(y.size() == x.size() && norms.size() == x.rows(), x, y, norms);
    for (int r = 0; r < x.rows(); r++) {
      double divisor = Math.max(epsilon, norm(x.view((long) r * columns, columns)));
      d(norms).set(r, divisor);
      for (int c = 0; c < columns; c++) {
        d(y).set(r * columns + c, d(x).get(r * columns + c) / divisor);
      }
    }
  }

  @Override
  public void normalizeRowsBackward(
      Tensor y, Tensor norms, Tensor dy, Tensor dx, boolean accumulate) {
    int columns = y.columns();
    check(dx.size() == y.size() && dy.size() == y.size() && norms.size() == y.rows(), y, dy, dx);
    for (int r = 0; r < y.rows(); r++) {
      double dot = 0;
      for (int c = 0; c < columns; c++) {
        dot += d(y).get(r * columns + c) * d(dy).get(r * columns + c);
      }
      for (int c = 0; c < columns; c++) {
        int i = r * columns + c;
        double value = (d(dy).get(i) - d(y).get(i) * dot) / d(norms).get(r);
        d(dx).set(i, value + (accumulate ? d(dx).get(i) : 0));
      }
    }
  }

  @Override
  public void patches(Tensor images, int p, Tensor patches) {
    int channels = images.extent(1);
    int side = images.extent(2);
    int grid = side / p;
    check(patches.size() == images.size() && patches.columns() == channels * p * p, patches);
    for (int i = 0; i < images.size(); i++) {
      int column = i % side;
      int row = i / side % side;
      int channel = i / (side * side) % channels;
      int image = i / (side * side * channels);
      int patch = (image * grid + row / p) * grid + column / p;
      int within = (channel * p + row % p) * p + column % p;
      d(patches).set(patch * channels * p * p + within, d(images).get(i));
    }
  }

  @Override
  public void tokens(Tensor x, Tensor prefix, Tensor pos, int batch, Tensor out) {
    int dim = x.columns();
    int first = (int) prefix.size() / dim;
    int patches = pos.rows() - 1;
    check(x.rows() == batch * patches && out.rows() == batch * (first + patches), x, pos, out);
    for (int i = 0; i < out.size(); i++) {
      int image = i / dim / (first + patches);
      int token = i / dim % (first + patches);
      int patch = token - first;
      int c = i % dim;
      double content =
          patch < 0
              ? d(prefix).get(token * dim + c)
              : d(x).get((image * patches + patch) * dim + c) + d(pos).get((1 + patch) * dim + c);
      d(out).set(i, token == 0 ? content + d(pos).get(c) : content);
    }
  }

  @Override
  public void tokensBackward(Tensor dout, int batch, Tensor dx, Tensor dprefix, Tensor dpos) {
    int dim = dx.columns();
    int first = (int) dprefix.size() / dim;
    int patches = dpos.rows() - 1;
    check(dx.rows() == batch * patches && dout.rows() == batch * (first + patches), dx, dpos);
    for (int i = 0; i < dout.size(); i++) {
      int image = i / dim / (first + patches);
      int token = i / dim % (first + patches);
      int patch = token - first;
      int c = i % dim;
      double g = d(dout).get(i);
      if (patch >= 0) {
        d(dx).set((image * patches + patch) * dim + c, g);
        d(dpos).add((1 + patch) * dim + c, g);
      } else {
        d(dprefix).add(token * dim + c, g);
        d(dpos).add(c, token == 0 ? g : 0);
      }
    }
  }

  @Override
  public void attention(Tensor qkv, int batch, int heads, Tensor probabilities, Tensor out) {
    int dim = out.columns();
    int tokens = out.rows() / batch;
    int width = dim / heads;
    check(qkv.rows() == out.rows() && qkv.columns() == 3 * dim, qkv, probabilities, out);
    check(probabilities.size() == (long) batch * heads * tokens * tokens, qkv, probabilities);
    fill(out, 0);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < tokens; i++) {
          int q = (b * tokens + i) * 3 * dim + h * width;
          int row = ((b * heads + h) * tokens + i) * tokens;
          double total = 0;
          for (int j = 0; j < tokens; j++) {
            int k = (b * tokens + j) * 3 * dim + dim + h * width;
            double score = 0;
            for (int c = 0; c < width; c++) {
              score += d(qkv).get(q + c) * d(qkv).get(k + c);
            }
            d(probabilities).set(row + j, Math.exp(score / Math.sqrt(width)));
            total += d(probabilities).get(row + j);
          }
          for (int j = 0; j < tokens; j++) {
            double p = d(probabilities).get(row + j) / total;
            d(probabilities).set(row + j, p);
            int v = (b * tokens + j) * 3 * dim + 2 * dim + h * width;
            for (int c = 0; c < width; c++) {
              d(out).add((b * tokens + i) * dim + h * width + c, p * d(qkv).get(v + c));
            }
          }
        }
      }
    }
  }

  @Override
  public void attentionBackward(
      Tensor qkv,
      int batch,
      int heads,
      Tensor probabilities,
      Tensor dout,
      Tensor scratch,
      Tensor dqkv) {
    int dim = dout.columns();
    int tokens = dout.rows() / batch;
    int width = dim / heads;
    check(dqkv.size() == qkv.size() && scratch.size() == probabilities.size(), qkv, dqkv, scratch);
    fill(dqkv, 0);
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < tokens; i++) {
          int q = (b * tokens + i) * 3 * dim + h * width;
          int o = (b * tokens + i) * dim + h * width;
          int row = ((b * heads + h) * tokens + i) * tokens;
          double dot = 0;
          for (int j = 0; j < tokens; j++) {
            int v = (b * tokens + j) * 3 * dim + 2 * dim + h * width;
            double p = d(probabilities).get(row + j);
            double dp = 0;
            for (int c = 0; c < width; c++) {
              dp += d(dout).get(o + c) * d(qkv).get(v + c);
              d(dqkv).add(v + c, p * d(dout).get(o + c));
            }
            d(scratch).set(row + j, dp);
            dot += p * dp;
          }
          for (int j = 0; j < tokens; j++) {
            int k = (b * tokens + j) * 3 * dim + dim + h * width;
            double ds = d(probabilities).get(row + j) * (d(scratch).get(row + j) - dot);
            ds /= Math.sqrt(width);
            for (int c = 0; c < width; c++) {
              d(dqkv).add(q + c, ds * d(qkv).get(k + c));
              d(dqkv).add(k + c, ds * d(qkv).get(q + c));
            }
          }
        }
      }
    }
  }

  @Override
  public void channelsLast(Tensor x, Tensor y) {
    int c = x.extent(1);
    int pixels = x.extent(2) * x.extent(3);
    check(y.size() == x.size() && y.extent(3) == c && y.extent(1) == x.extent(2), x, y);
    for (int i = 0; i < x.size(); i++) {
      int image = i / (c * pixels);
      d(y).set((image * pixels + i % pixels) * c + i / pixels % c, d(x).get(i));
    }
  }

  @Override
  public void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y) {
    PlainConvolutions.convolution(d(x), d(w), stride, padding, d(y));
  }

  @Override
  public void convolutionBackwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx) {
    PlainConvolutions.backwardInput(d(dy), d(w), stride, padding, d(dx));
  }

  @Override
  public void convolutionBackwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw) {
    PlainConvolutions.backwardWeight(d(x), d(dy), stride, padding, d(dw));
  }

  @Override
  public void batchNorm(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      float momentum,
      Tensor runningMean,
      Tensor runningVariance,
      @Nullable Tensor residual,
      boolean relu,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    PlainBatchNorm.moments(d(x), epsilon, momentum, runningMean, runningVariance, mean, rstd);
    PlainBatchNorm.normalise(d(x), gamma, beta, mean, rstd, residual, relu, d(y));
  }

  @Override
  public void batchNormInference(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor runningMean,
      Tensor runningVariance,
      float epsilon,
      @Nullable Tensor residual,
      boolean relu,
      Tensor y) {
    Doubles rstd = Doubles.zeros(x.extent(3));
    for (int c = 0; c < rstd.size(); c++) {
      rstd.set(c, 1 / Math.sqrt(d(runningVariance).get(c) + epsilon));
    }
    PlainBatchNorm.normalise(d(x), gamma, beta, runningMean, rstd, residual, relu, d(y));
  }

  @Override
  public void batchNormBackward(
      Tensor x,
      Tensor gamma,
      Tensor mean,
      Tensor rstd,
      @Nullable Tensor y,
      Tensor dy,
      @Nullable Tensor beside,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta) {
    PlainBatchNorm.gather(y, beside, d(dy));
    PlainBatchNorm.backward(d(x), gamma, mean, rstd, d(dy), d(dx), dgamma, dbeta);
  }

  @Override
  public void maxPool(Tensor x, int size, int stride, int padding, Tensor y) {
    PlainConvolutions.maxPool(d(x), size, stride, padding, d(y));
  }

  @Override
  public void maxPoolBackward(Tensor x, Tensor dy, int size, int stride, int padding, Tensor dx) {
    PlainConvolutions.maxPoolBackward(d(x), d(dy), size, stride, padding, d(dx));
  }

  @Override
  public void globalAveragePool(Tensor x, Tensor y) {
    int pixels = x.extent(1) * x.extent(2);
    int c = x.extent(3);
    check(y.size() * pixels == x.size(), x, y);
    fill(y, 0);
    for (int i = 0; i < x.size(); i++) {
      d(y).add(i / (pixels * c) * c + i % c, d(x).get(i) / pixels);
    }
  }

  @Override
  public void globalAveragePoolBackward(Tensor dy, Tensor dx) {
    int pixels = dx.extent(1) * dx.extent(2);
    int c = dx.extent(3);
    check(dy.size() * pixels == dx.size(), dy, dx);
    for (int i = 0; i < dx.size(); i++) {
      d(dx).set(i, d(dy).get(i / (pixels * c) * c + i % c) / pixels);
    }
  }

  @Override
  public void softmax(Tensor z, @Nullable Tensor shift, float temperature, Tensor p) {
    int columns = z.columns();
    check(p.size() == z.size() && (shift == null || shift.size() == columns), z, p);
    for (int r = 0; r < z.rows(); r++) {
      double[] row = new double[columns];
      for (int c = 0; c < columns; c++) {
        row[c] = d(z).get(r * columns + c) - (shift == null ? 0 : d(shift).get(c));
      }
      double[] softmax = ReferenceNetwork.softmax(row, temperature);
      for (int c = 0; c < columns; c++) {
        d(p).set(r * columns + c, softmax[c]);
      }
    }
  }

  @Override
  public double crossEntropy(Tensor p, Tensor z, float temperature, float weight, Tensor dz) {
    int rows = z.rows();
    check(p.size() == z.size() && dz.size() == z.size(), p, z, dz);
    softmax(z, null, temperature, dz);
    double loss = 0;
    for (int i = 0; i < z.size(); i++) {
      double target = d(p).get(i);
      double q = d(dz).get(i);
      loss -= target == 0 ? 0 : weight * target * Math.log(q) / rows;
      d(dz).set(i, weight * (q - target) / (rows * (double) temperature));
    }
    return loss;
  }

  @Override
  public double entropy(Tensor p) {
    double sum = 0;
    for (int i = 0; i < p.size(); i++) {
      double value = d(p).get(i);
      sum -= value == 0 ? 0 : value * Math.log(value);
    }
    return sum;
  }

  @Override
  public void adamW(
      Tensor weights,
      Tensor gradients,
      Tensor m,
      Tensor v,
      float lr,
      float decay,
      float b1,
      float b2,
      float epsilon,
      long t) {
    check(weights.size() == gradients.size() && m.size() == v.size(), weights, gradients, m, v);
    for (int i = 0; i < weights.size(); i++) {
      double g = d(gradients).get(i);
      d(m).set(i, b1 * d(m).get(i) + (1 - b1) * g);
      d(v).set(i, b2 * d(v).get(i) + (1 - b2) * g * g);
      double mean = d(m).get(i) / (1 - Math.pow(b1, (double) t));
      double square = d(v).get(i) / (1 - Math.pow(b2, (double) t));
      double w = d(weights).get(i) * (1 - (double) lr * decay);
      d(weights).set(i, w - lr * mean / (Math.sqrt(square) + epsilon));
    }
  }

  @Override
  public void ema(Tensor teacher, Tensor student, float momentum) {
    check(teacher.size() == student.size(), teacher, student);
    for (int i = 0; i < teacher.size(); i++) {
      d(teacher).set(i, momentum * d(teacher).get(i) + (1 - momentum) * d(student).get(i));
    }
  }

  @Override
  public void topK(Tensor queries, Tensor bank, int count, int k, int[] rows, float[] scores) {
    check(k == 1 && count >= 1 && count <= bank.rows(), queries, bank);
    int columns = queries.columns();
    for (int q = 0; q < queries.rows(); q++) {
      double best = Double.NEGATIVE_INFINITY;
      for (int row = 0; row < count; row++) {
        double product = 0;
        for (int c = 0; c < columns; c++) {
          product += d(queries).get(q * columns + c) * d(bank).get(row * columns + c);
        }
        if (product > best) {
          best = product;
          rows[q] = row;
          scores[q] = (float) product;
        }
      }
    }
  }

  @Override
  public void exactProducts(
      Tensor queries, Tensor bank, int perQuery, int[] rows, float[] products) {
    throw new UnsupportedOperationException("networks don't search");
  }
}
