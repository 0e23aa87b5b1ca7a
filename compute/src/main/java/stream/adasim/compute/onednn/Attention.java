package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.AttentionShape;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Multi-head self-attention as products over strided parts of qkv, and row-wise softmaxes. */
final class Attention {
  private final Threads threads;

  Attention(Threads threads) {
    this.threads = threads;
  }

  void attention(Tensor qkv, int batch, int heads, Tensor probabilities, Tensor out) {
    String kernel = "attention";
    AttentionShape e = AttentionShape.of(kernel, qkv, batch, heads);
    NativeTensor in = SHAPES.any(kernel, "qkv", qkv);
    NativeTensor p = like(in, kernel, "probabilities", probabilities, e.queries(), e.t());
    NativeTensor outs = like(in, kernel, "out", out, e.rows(), e.width());
    boolean halves = in.halves();
    Context context = threads.context();
    long scores = halves ? context.workspace((long) e.queries() * e.t()) : p.address();
    // (t, d) (d, t) -> (t, t)
    byHead(context, e, e.t(), e.d())
        .halves(halves, halves, false)
        .a(e.t() * 3 * e.width(), e.d(), 3 * e.width(), 1)
        .b(e.t() * 3 * e.width(), e.d(), 1, 3 * e.width())
        .out(e.h() * e.t() * e.t(), e.t() * e.t(), e.t())
        .run(context, part(e, in, 0), part(e, in, 1), scores, 0, 0);
    float scale = (float) e.scale();
    threads.split(
        e.queries(),
        e.t(),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long first = (long) row * e.t();
            if (halves) {
              HalfSoftmaxRows.row(Memory.at(scores, first), p.at(first), e.t(), scale);
            } else {
              softmax(Memory.at(scores, first), e.t(), scale);
            }
          }
        });
    // (t, t) (t, d) -> (t, d)
    byHead(context, e, e.d(), e.t())
        .halves(halves, halves, halves)
        .a(e.h() * e.t() * e.t(), e.t() * e.t(), e.t(), 1)
        .b(e.t() * 3 * e.width(), e.d(), 3 * e.width(), 1)
        .out(e.t() * e.width(), e.d(), e.width())
        .run(context, p.address(), part(e, in, 2), outs.address(), 0, 0);
  }

  private static void softmax(long row, int n, float scale) {
    float shift = Rows.max(row, n) * scale;
    float sum = Exponential.row(row, row, n, scale, shift);
    Rows.scale(row, row, n, 1 / sum);
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
    long rows = e.rows();
    NativeTensor in = SHAPES.any(kernel, "qkv", qkv);
    NativeTensor p = like(in, kernel, "probabilities", probabilities, e.queries(), e.t());
    NativeTensor douts = like(in, kernel, "dout", dout, rows, e.width());
    long dp = SHAPES.matrix(kernel, "scratch", workspace, e.queries(), e.t()).address();
    NativeTensor din = like(in, kernel, "dqkv", dqkv, rows, 3L * e.width());
    boolean halves = in.halves();
    Context context = threads.context();
    int wide = 3 * e.width();
    int square = e.t() * e.t();
    // dv = p' dout
    byHead(context, e, e.d(), e.t())
        .halves(halves, halves, halves)
        .a(e.h() * square, square, 1, e.t())
        .b(e.t() * e.width(), e.d(), e.width(), 1)
        .out(e.t() * wide, e.d(), wide)
        .run(context, p.address(), douts.address(), part(e, din, 2), 0, 0);
    // dp = dout v'
    byHead(context, e, e.t(), e.d())
        .halves(halves, halves, false)
        .a(e.t() * e.width(), e.d(), e.width(), 1)
        .b(e.t() * wide, e.d(), 1, wide)
        .out(e.h() * square, square, e.t())
        .run(context, douts.address(), part(e, in, 2), dp, 0, 0);
    float scale = (float) e.scale();
    threads.split(
        e.queries(),
        e.t(),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long first = (long) row * e.t();
            if (halves) {
              softmaxBackwardOfHalves(p.at(first), Memory.at(dp, first), e.t(), scale);
            } else {
              softmaxBackward(p.at(first), Memory.at(dp, first), e.t(), scale);
            }
          }
        });
    // In bfloat16 a row of ds begins where that of dp did, and takes half as much.
    int step = halves ? 2 * e.t() : e.t();
    // dq = ds k
    byHead(context, e, e.d(), e.t())
        .halves(halves, halves, halves)
        .a(e.h() * e.t() * step, e.t() * step, step, 1)
        .b(e.t() * wide, e.d(), wide, 1)
        .out(e.t() * wide, e.d(), wide)
        .run(context, dp, part(e, in, 1), part(e, din, 0), 0, 0);
    // dk = ds' q
    byHead(context, e, e.d(), e.t())
        .halves(halves, halves, halves)
        .a(e.h() * e.t() * step, e.t() * step, 1, step)
        .b(e.t() * wide, e.d(), wide, 1)
        .out(e.t() * wide, e.d(), wide)
        .run(context, dp, part(e, in, 0), part(e, din, 1), 0, 0);
  }

  private static void softmaxBackward(long p, long dp, int n, float scale) {
    ObjectiveRows.softmaxBackward(p, dp, n, Rows.dot(p, dp, n), scale);
  }

  private static void softmaxBackwardOfHalves(long p, long dp, int n, float scale) {
    HalfRows.softmaxBackward(p, dp, dp, n, HalfRows.dot(p, dp, n), scale);
  }

  private static NativeTensor like(
      NativeTensor qkv, String kernel, String name, Tensor tensor, long rows, long columns) {
    NativeTensor own = SHAPES.anyMatrix(kernel, name, tensor, rows, columns);
    Shapes.alike(kernel, name, own, "qkv", qkv);
    return own;
  }

  private static Matmul byHead(Context context, AttentionShape e, int columns, int inner) {
    return context.matmul().of(e.b(), e.h(), e.t(), columns, inner);
  }

  /** Query, key or value (part 0, 1, 2) of the first image and head. */
  private static long part(AttentionShape e, NativeTensor qkv, int part) {
    return qkv.at((long) part * e.width());
  }
}
