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

  void tokens(Tensor x, Tensor cls, Tensor pos, int batch, Tensor out) {
    int d = x.columns();
    int t = perImage("tokens", x, batch, 0);
    Nd4jTensor xs = SHAPES.own("tokens", "x", x);
    Nd4jTensor first = SHAPES.vector("tokens", "cls", cls, d);
    Nd4jTensor positions = SHAPES.matrix("tokens", "pos", pos, t + 1, d);
    Nd4jTensor outs = SHAPES.matrix("tokens", "out", out, (long) batch * (t + 1), d);
    patchRows(outs, batch, t, d).assign(xs.array(batch, t, d));
    Ops.copyRow(first.flat(), classRows(outs, batch, t, d));
    INDArray perImage = outs.array(batch, (t + 1L) * d); // (B, (T + 1) D)
    Ops.addRow(perImage, positions.flat(), perImage);
  }

  void tokensBackward(Tensor dout, int batch, Tensor dx, Tensor dcls, Tensor dpos) {
    String kernel = "tokensBackward";
    int d = dout.columns();
    int t = perImage(kernel, dout, batch, 1);
    long width = (t + 1L) * d;
    Nd4jTensor douts = SHAPES.own(kernel, "dout", dout);
    Nd4jTensor dxs = SHAPES.matrix(kernel, "dx", dx, (long) batch * t, d);
    Nd4jTensor dfirst = SHAPES.vector(kernel, "dcls", dcls, d);
    Nd4jTensor dpositions = SHAPES.matrix(kernel, "dpos", dpos, t + 1, d);
    dxs.array(batch, t, d).assign(patchRows(douts, batch, t, d));
    try (Scratch.Lease sum = scratch.borrow(width)) {
      INDArray perImage = douts.array(batch, width); // (B, (T + 1) D)
      Ops.product(scratch.onesRow(batch), false, perImage, false, 1, 0, sum.array(1, width));
      Ops.axpy(1, sum.array(width), dpositions.flat());
      Ops.axpy(1, sum.array(d), dfirst.flat());
    }
  }

  private static int perImage(String kernel, Tensor rows, int batch, int classTokens) {
    if (batch < 1 || rows.rows() % batch != 0 || rows.rows() / batch <= classTokens) {
      throw Shapes.wrong(
          kernel, classTokens == 0 ? "x" : "dout", rows, "rows a multiple of batch=" + batch);
    }
    return rows.rows() / batch - classTokens;
  }

  private static INDArray patchRows(Nd4jTensor tokens, int batch, int t, int d) {
    return tokens.strided(d, new long[] {batch, t, d}, new long[] {(t + 1L) * d, d, 1});
  }

  private static INDArray classRows(Nd4jTensor tokens, int batch, int t, int d) {
    return tokens.strided(0, new long[] {batch, d}, new long[] {(t + 1L) * d, 1});
  }
}
