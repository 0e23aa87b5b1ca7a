package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.AttentionShape;
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
    long in = SHAPES.own(kernel, "qkv", qkv).address();
    long p = SHAPES.matrix(kernel, "probabilities", probabilities, e.queries(), e.t()).address();
    long outs = SHAPES.matrix(kernel, "out", out, e.rows(), e.width()).address();
    Context context = threads.context();
    // (t, d) (d, t) -> (t, t)
    byHead(context, e, e.t(), e.d())
        .a(e.t() * 3 * e.width(), e.d(), 3 * e.width(), 1)
        .b(e.t() * 3 * e.width(), e.d(), 1, 3 * e.width())
        .out(e.h() * e.t() * e.t(), e.t() * e.t(), e.t())
        .run(context, part(e, in, 0), part(e, in, 1), p, 0, 0);
    float scale = (float) e.scale();
    threads.split(
        e.queries(),
        e.t(),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            softmax(Memory.at(p, (long) row * e.t()), e.t(), scale);
          }
        });
    // (t, t) (t, d) -> (t, d)
    byHead(context, e, e.d(), e.t())
        .a(e.h() * e.t() * e.t(), e.t() * e.t(), e.t(), 1)
        .b(e.t() * 3 * e.width(), e.d(), 3 * e.width(), 1)
        .out(e.t() * e.width(), e.d(), e.width())
        .run(context, p, part(e, in, 2), outs, 0, 0);
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
    long in = SHAPES.own(kernel, "qkv", qkv).address();
    long p = SHAPES.matrix(kernel, "probabilities", probabilities, e.queries(), e.t()).address();
    long douts = SHAPES.matrix(kernel, "dout", dout, rows, e.width()).address();
    long ds = SHAPES.matrix(kernel, "scratch", workspace, e.queries(), e.t()).address();
    long din = SHAPES.matrix(kernel, "dqkv", dqkv, rows, 3L * e.width()).address();
    Context context = threads.context();
    int wide = 3 * e.width();
    int square = e.t() * e.t();
    // dv = p' dout
    byHead(context, e, e.d(), e.t())
        .a(e.h() * square, square, 1, e.t())
        .b(e.t() * e.width(), e.d(), e.width(), 1)
        .out(e.t() * wide, e.d(), wide)
        .run(context, p, douts, part(e, din, 2), 0, 0);
    // dp = dout v'
    byHead(context, e, e.t(), e.d())
        .a(e.t() * e.width(), e.d(), e.width(), 1)
        .b(e.t() * wide, e.d(), 1, wide)
        .out(e.h() * square, square, e.t())
        .run(context, douts, part(e, in, 2), ds, 0, 0);
    float scale = (float) e.scale();
    threads.split(
        e.queries(),
        e.t(),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long pRow = Memory.at(p, (long) row * e.t());
            long dRow = Memory.at(ds, (long) row * e.t());
            float mean = Rows.dot(pRow, dRow, e.t());
            ObjectiveRows.softmaxBackward(pRow, dRow, e.t(), mean, scale);
          }
        });
    // dq = ds k
    byHead(context, e, e.d(), e.t())
        .a(e.h() * square, square, e.t(), 1)
        .b(e.t() * wide, e.d(), wide, 1)
        .out(e.t() * wide, e.d(), wide)
        .run(context, ds, part(e, in, 1), part(e, din, 0), 0, 0);
    // dk = ds' q
    byHead(context, e, e.d(), e.t())
        .a(e.h() * square, square, 1, e.t())
        .b(e.t() * wide, e.d(), wide, 1)
        .out(e.t() * wide, e.d(), wide)
        .run(context, ds, part(e, in, 0), part(e, din, 1), 0, 0);
  }

  private static Matmul byHead(Context context, AttentionShape e, int columns, int inner) {
    return context.matmul().of(e.b(), e.h(), e.t(), columns, inner);
  }

  /** Query, key or value (part 0, 1, 2) of the first image and head. */
  private static long part(AttentionShape e, long qkv, int part) {
    return Memory.at(qkv, (long) part * e.width());
  }
}
