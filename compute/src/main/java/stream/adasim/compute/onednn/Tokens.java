package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Patches, the class token and positions. */
final class Tokens {
  void patches(Tensor images, int p, Tensor patches) {
    if (images.rank() != 4 || p < 1 || images.extent(2) % p != 0 || images.extent(3) % p != 0) {
      throw Shapes.wrong(
          "patches", "images", images, "(B, C, H, W), H and W multiples of patchSize=" + p);
    }
    int h = images.extent(2);
    int w = images.extent(3);
    int planes = images.extent(1);
    int down = h / p;
    int across = w / p;
    int rows = Math.multiplyExact(images.extent(0), down * across);
    long from = SHAPES.own("patches", "images", images).address();
    long to = SHAPES.matrix("patches", "patches", patches, rows, (long) planes * p * p).address();
    for (int image = 0; image < images.extent(0); image++) {
      for (int top = 0; top < h; top += p) {
        for (int left = 0; left < w; left += p) {
          for (int plane = 0; plane < planes; plane++) {
            long corner = (((long) image * planes + plane) * h + top) * w + left;
            cut(Memory.at(from, corner), w, p, to);
            to += (long) p * p * Float.BYTES;
          }
        }
      }
    }
  }

  private static void cut(long from, int width, int p, long to) {
    for (int row = 0; row < p; row++) {
      for (int column = 0; column < p; column++) {
        Memory.set(to, row * p + column, Memory.get(from, row * width + column));
      }
    }
  }

  void tokens(Tensor x, Tensor prefix, Tensor pos, int batch, Tensor out) {
    String kernel = "tokens";
    int d = x.columns();
    int p = prefixRows(kernel, "prefix", prefix, d);
    int t = perImage(kernel, "x", x, batch, 0);
    long xs = SHAPES.own(kernel, "x", x).address();
    long first = SHAPES.own(kernel, "prefix", prefix).address();
    long positions = SHAPES.matrix(kernel, "pos", pos, t + 1, d).address();
    long outs = SHAPES.matrix(kernel, "out", out, (long) batch * (p + t), d).address();
    for (int image = 0; image < batch; image++) {
      long to = Memory.at(outs, (long) image * (p + t) * d);
      Rows.sum(first, positions, to, d);
      Memory.copy(Memory.at(first, d), Memory.at(to, d), (p - 1L) * d);
      long from = Memory.at(xs, (long) image * t * d);
      Rows.sum(from, Memory.at(positions, d), Memory.at(to, (long) p * d), t * d);
    }
  }

  void tokensBackward(Tensor dout, int batch, Tensor dx, Tensor dprefix, Tensor dpos) {
    String kernel = "tokensBackward";
    int d = dout.columns();
    int p = prefixRows(kernel, "dprefix", dprefix, d);
    int t = perImage(kernel, "dout", dout, batch, p);
    long douts = SHAPES.own(kernel, "dout", dout).address();
    long dxs = SHAPES.matrix(kernel, "dx", dx, (long) batch * t, d).address();
    long dfirst = SHAPES.own(kernel, "dprefix", dprefix).address();
    long dpositions = SHAPES.matrix(kernel, "dpos", dpos, t + 1, d).address();
    for (int image = 0; image < batch; image++) {
      long from = Memory.at(douts, (long) image * (p + t) * d);
      long patches = Memory.at(from, (long) p * d);
      Rows.add(from, dfirst, p * d);
      Rows.add(from, dpositions, d);
      Rows.add(patches, Memory.at(dpositions, d), t * d);
      Memory.copy(patches, Memory.at(dxs, (long) image * t * d), (long) t * d);
    }
  }

  private static int prefixRows(String kernel, String name, Tensor prefix, int d) {
    if (prefix.columns() != d) {
      throw Shapes.wrong(kernel, name, prefix, "rows of " + d);
    }
    return prefix.rows();
  }

  private static int perImage(String kernel, String name, Tensor rows, int batch, int prefix) {
    if (batch < 1 || rows.rows() % batch != 0 || rows.rows() / batch <= prefix) {
      throw Shapes.wrong(
          kernel, name, rows, "more than " + prefix + " rows for each of batch=" + batch);
    }
    return rows.rows() / batch - prefix;
  }
}
