package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.AttentionShape;
import stream.adasim.compute.Tensor;

/** Multi-head self-attention as batched products over strided parts of qkv. */
final class Attention {
  private final Scratch scratch;

  Attention(Scratch scratch) {
    this.scratch = scratch;
  }

  void attention(Tensor qkv, int batch, int heads, Tensor probabilities, Tensor out) {
    AttentionShape e = AttentionShape.of("attention", qkv, batch, heads);
    Nd4jTensor in = SHAPES.own("attention", "qkv", qkv);
    Nd4jTensor p = SHAPES.matrix("attention", "probabilities", probabilities, e.queries(), e.t());
    Nd4jTensor outs = SHAPES.matrix("attention", "out", out, e.rows(), e.width());
    try (Scratch.Lease lease = scratch.borrow(p.size())) {
      INDArray scores = byHead(e, lease.tensor());
      Ops.product(
          part(e, in, 0), false, part(e, in, 1), true, e.scale(), 0, scores); // (B, H, T, T)
      Ops.softmax(lease.array(e.queries(), e.t()), p.array(e.queries(), e.t()));
    }
    Ops.product(byHead(e, p), false, part(e, in, 2), false, 1, 0, byHead(e, outs, 0, e.width()));
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
    AttentionShape e = AttentionShape.of(kernel, qkv, batch, heads);
    Nd4jTensor in = SHAPES.own(kernel, "qkv", qkv);
    Nd4jTensor p = SHAPES.matrix(kernel, "probabilities", probabilities, e.queries(), e.t());
    Nd4jTensor douts = SHAPES.matrix(kernel, "dout", dout, e.rows(), e.width());
    Nd4jTensor ds = SHAPES.matrix(kernel, "scratch", workspace, e.queries(), e.t());
    Nd4jTensor din = SHAPES.matrix(kernel, "dqkv", dqkv, e.rows(), 3L * e.width());
    INDArray dos = byHead(e, douts, 0, e.width());
    Ops.product(byHead(e, p), true, dos, false, 1, 0, part(e, din, 2)); // dv = p' dout
    Ops.product(dos, false, part(e, in, 2), true, 1, 0, byHead(e, ds)); // dp = dout v'
    softmaxBackward(p, ds, e);
    Ops.product(byHead(e, ds), false, part(e, in, 1), false, e.scale(), 0, part(e, din, 0));
    Ops.product(byHead(e, ds), true, part(e, in, 0), false, e.scale(), 0, part(e, din, 1));
  }

  /** {@code ds = p (dp - rowsum(p dp))}; dp is replaced by ds. */
  private void softmaxBackward(Nd4jTensor p, Nd4jTensor ds, AttentionShape e) {
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

  /** Query, key or value (part 0, 1, 2) by image and head. */
  private static INDArray part(AttentionShape e, Nd4jTensor qkv, int part) {
    return byHead(e, qkv, (long) part * e.width(), 3L * e.width());
  }

  private static INDArray byHead(AttentionShape e, Nd4jTensor rows, long start, long stride) {
    return rows.strided(
        start,
        new long[] {e.b(), e.h(), e.t(), e.d()},
        new long[] {e.t() * stride, e.d(), stride, 1}); // (B, H, T, d)
  }

  private static INDArray byHead(AttentionShape e, Nd4jTensor probabilities) {
    return probabilities.array(e.b(), e.h(), e.t(), e.t());
  }
}
