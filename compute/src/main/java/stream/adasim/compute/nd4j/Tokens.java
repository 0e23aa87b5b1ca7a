package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Patches, the class token and positions. */
final class Tokens {
  private final Scratch scratch;

  Tokens(Scratch scratch) {
    this.scratch = scratch;
  }

  void patches(Tensor images, int p, Tensor patches) {
    if (images.rank() != 4 || p < 1 || images.extent(2) % p != 0 || images.extent(3) % p != 0) {
      throw Shapes.wrong(
          "patches", "images", images, "(B, C, H, W), H and W multiples of patchSize=" + p);
    }
    int b = images.extent(0);
    int c = images.extent(1);
    int h = images.extent(2);
    int w = images.extent(3);
    int down = h / p;
    int across = w / p;
    int width = c * p * p;
    Nd4jTensor in = SHAPES.own("patches", "images", images);
    Nd4jTensor out = SHAPES.matrix("patches", "patches", patches, (long) b * down * across, width);
    long[] shape = {b, down, across, c, p, p};
    long[] source = {(long) c * h * w, (long) p * w, p, (long) h * w, w, 1};
    out.array(shape).assign(in.strided(0, shape, source));
  }

  void tokens(Tensor x, Tensor prefix, Tensor pos, int batch, Tensor out) {
    String kernel = "tokens";
    int d = x.columns();
    int p = prefixRows(kernel, "prefix", prefix, d);
    int t = perImage(kernel, "x", x, batch, 0);
    Nd4jTensor xs = SHAPES.own(kernel, "x", x);
    Nd4jTensor first = SHAPES.own(kernel, "prefix", prefix);
    Nd4jTensor positions = SHAPES.matrix(kernel, "pos", pos, t + 1, d);
    Nd4jTensor outs = SHAPES.matrix(kernel, "out", out, (long) batch * (p + t), d);
    long width = (long) (p + t) * d;
    try (Scratch.Lease lease = scratch.borrow(width)) {
      INDArray every = lease.array(width); // what all images get: prefix and positions
      lease.tensor().arrayAt(0, p, d).assign(first.array(p, d));
      Ops.axpy(1, positions.arrayAt(0, d), lease.tensor().arrayAt(0, d));
      lease.tensor().arrayAt((long) p * d, t, d).assign(positions.arrayAt(d, t, d));
      Ops.fill(rows(outs, batch, 0, p, p + t, d), 0);
      rows(outs, batch, p, t, p + t, d).assign(xs.array(batch, t, d));
      INDArray perImage = outs.array(batch, width);
      Ops.addRow(perImage, every, perImage);
    }
  }

  void tokensBackward(Tensor dout, int batch, Tensor dx, Tensor dprefix, Tensor dpos) {
    String kernel = "tokensBackward";
    int d = dout.columns();
    int p = prefixRows(kernel, "dprefix", dprefix, d);
    int t = perImage(kernel, "dout", dout, batch, p);
    long width = (long) (p + t) * d;
    Nd4jTensor douts = SHAPES.own(kernel, "dout", dout);
    Nd4jTensor dxs = SHAPES.matrix(kernel, "dx", dx, (long) batch * t, d);
    Nd4jTensor dfirst = SHAPES.own(kernel, "dprefix", dprefix);
    Nd4jTensor dpositions = SHAPES.matrix(kernel, "dpos", dpos, t + 1, d);
    dxs.array(batch, t, d).assign(rows(douts, batch, p, t, p + t, d));
    try (Scratch.Lease lease = scratch.borrow(width)) {
      INDArray perImage = douts.array(batch, width);
      Ops.product(scratch.onesRow(batch), false, perImage, false, 1, 0, lease.array(1, width));
      Nd4jTensor sum = lease.tensor();
      Ops.axpy(1, sum.arrayAt(0, (long) p * d), dfirst.flat());
      Ops.axpy(1, sum.arrayAt(0, d), dpositions.arrayAt(0, d));
      Ops.axpy(1, sum.arrayAt((long) p * d, (long) t * d), dpositions.arrayAt(d, (long) t * d));
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

  /** Of each image n tokens from the first one on, of so many. */
  private static INDArray rows(Nd4jTensor tokens, int batch, int first, int n, int of, int d) {
    long[] shape = {batch, n, d};
    return tokens.strided((long) first * d, shape, new long[] {(long) of * d, d, 1});
  }
}
