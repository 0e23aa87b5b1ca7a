package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Multi-head self-attention as batched products over strided parts of qkv. */
final class Attention {
  private final Scratch scratch;

  Attention(Scratch scratch) {
    this.scratch = scratch;
  }

  /** Extents: images, tokens per image, heads, columns per head. */
  private record Extents(int b, int t, int h, int d) {
    static Extents of(String kernel, Tensor qkv, int batch, int heads) {
      if (batch < 1 || heads < 1 || qkv.rows() % batch != 0 || qkv.columns() % (3 * heads) != 0) {
        throw Shapes.wrong(
            kernel,
            "qkv",
            qkv,
            "rows a multiple of batch=" + batch + ", columns of 3 heads=" + 3 * heads);
      }
      return new Extents(batch, qkv.rows() / batch, heads, qkv.columns() / (3 * heads));
    }

    double scale() {
      return 1 / Math.sqrt(d);
    }

    long rows() {
      return (long) b * t;
    }

    int width() {
      return h * d;
    }

    /** The rows of all images and heads of the probabilities. */
    long queries() {
      return (long) b * h * t;
    }

    /** Query, key or value (part 0, 1, 2) by image and head. */
    INDArray part(Nd4jTensor qkv, int part) {
      return byHead(qkv, (long) part * width(), 3L * width());
    }

    INDArray byHead(Nd4jTensor rows, long start, long stride) {
      return rows.strided(
          start, new long[] {b, h, t, d}, new long[] {t * stride, d, stride, 1}); // (B, H, T, d)
    }

    INDArray byHead(Nd4jTensor probabilities) {
      return probabilities.array(b, h, t, t);
    }
  }

  void attention(Tensor qkv, int batch, int heads, Tensor probabilities, Tensor out) {
    Extents e = Extents.of("attention", qkv, batch, heads);
    Nd4jTensor in = SHAPES.own("attention", "qkv", qkv);
    Nd4jTensor p = SHAPES.matrix("attention", "probabilities", probabilities, e.queries(), e.t());
    Nd4jTensor outs = SHAPES.matrix("attention", "out", out, e.rows(), e.width());
    try (Scratch.Lease lease = scratch.borrow(p.size())) {
      INDArray scores = e.byHead(lease.tensor());
      Ops.product(e.part(in, 0), false, e.part(in, 1), true, e.scale(), 0, scores); // (B, H, T, T)
      Ops.softmax(lease.array(e.queries(), e.t()), p.array(e.queries(), e.t()));
    }
    Ops.product(e.byHead(p), false, e.part(in, 2), false, 1, 0, e.byHead(outs, 0, e.width()));
  }

  void attentionBackward(
      Tensor qkv,
      int batch,
      int heads,
      Tensor probabilities,
      Tensor dout,
      Tensor workspace,
      Tensor dqkv) {
    String kernel = "attentionBackward";
    Extents e = Extents.of(kernel, qkv, batch, heads);
    Nd4jTensor in = SHAPES.own(kernel, "qkv", qkv);
    Nd4jTensor p = SHAPES.matrix(kernel, "probabilities", probabilities, e.queries(), e.t());
    Nd4jTensor douts = SHAPES.matrix(kernel, "dout", dout, e.rows(), e.width());
    Nd4jTensor ds = SHAPES.matrix(kernel, "scratch", workspace, e.queries(), e.t());
    Nd4jTensor din = SHAPES.matrix(kernel, "dqkv", dqkv, e.rows(), 3L * e.width());
    INDArray dos = e.byHead(douts, 0, e.width());
    Ops.product(e.byHead(p), true, dos, false, 1, 0, e.part(din, 2)); // dv = p' dout
    Ops.product(dos, false, e.part(in, 2), true, 1, 0, e.byHead(ds)); // dp = dout v'
    softmaxBackward(p, ds, e);
    Ops.product(e.byHead(ds), false, e.part(in, 1), false, e.scale(), 0, e.part(din, 0));
    Ops.product(e.byHead(ds), true, e.part(in, 0), false, e.scale(), 0, e.part(din, 1));
  }

  /** {@code ds = p (dp - rowsum(p dp))}; dp is replaced by ds. */
  private void softmaxBackward(Nd4jTensor p, Nd4jTensor ds, Extents e) {
    INDArray ps = p.array(e.queries(), e.t());
    INDArray dss = ds.array(e.queries(), e.t());
    try (Scratch.Lease lease = scratch.borrow(p.size());
        Scratch.Lease sums = scratch.borrow(e.queries())) {
      INDArray t = lease.array(e.queries(), e.t());
      INDArray sum = sums.array(e.queries(), 1);
      Ops.multiply(ps, dss, t);
      Ops.product(t, false, scratch.onesColumn(e.t()), false, 1, 0, sum);
      Ops.subtractColumn(dss, sum, t);
      Ops.multiply(t, ps, dss);
    }
  }
}
