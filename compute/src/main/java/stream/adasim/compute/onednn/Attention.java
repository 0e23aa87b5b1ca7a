package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;

/** Multi-head self-attention as products over strided parts of qkv, and row-wise softmaxes. */
final class Attention {
  private final Threads threads;

  Attention(Threads threads) {
    this.threads = threads;
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

    float scale() {
      return (float) (1 / Math.sqrt(d));
    }

    int width() {
      return h * d;
    }

    /** The rows of all images and heads of the probabilities. */
    int queries() {
      return Math.multiplyExact(b * h, t);
    }

    /** Query, key or value (part 0, 1, 2) of the first image and head. */
    long part(long qkv, int part) {
      return Memory.at(qkv, (long) part * width());
    }
  }

  void attention(Tensor qkv, int batch, int heads, Tensor probabilities, Tensor out) {
    String kernel = "attention";
    Extents e = Extents.of(kernel, qkv, batch, heads);
    long in = SHAPES.own(kernel, "qkv", qkv).address();
    long p = SHAPES.matrix(kernel, "probabilities", probabilities, e.queries(), e.t).address();
    long outs = SHAPES.matrix(kernel, "out", out, (long) e.b * e.t, e.width()).address();
    Context context = threads.context();
    // (t, d) (d, t) -> (t, t)
    byHead(context, e, e.t, e.d)
        .a(e.t * 3 * e.width(), e.d, 3 * e.width(), 1)
        .b(e.t * 3 * e.width(), e.d, 1, 3 * e.width())
        .out(e.h * e.t * e.t, e.t * e.t, e.t)
        .run(context, e.part(in, 0), e.part(in, 1), p, 0, 0);
    float scale = e.scale();
    threads.split(
        e.queries(),
        e.t,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            softmax(Memory.at(p, (long) row * e.t), e.t, scale);
          }
        });
    // (t, t) (t, d) -> (t, d)
    byHead(context, e, e.d, e.t)
        .a(e.h * e.t * e.t, e.t * e.t, e.t, 1)
        .b(e.t * 3 * e.width(), e.d, 3 * e.width(), 1)
        .out(e.t * e.width(), e.d, e.width())
        .run(context, p, e.part(in, 2), outs, 0, 0);
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
    Extents e = Extents.of(kernel, qkv, batch, heads);
    long rows = (long) e.b * e.t;
    long in = SHAPES.own(kernel, "qkv", qkv).address();
    long p = SHAPES.matrix(kernel, "probabilities", probabilities, e.queries(), e.t).address();
    long douts = SHAPES.matrix(kernel, "dout", dout, rows, e.width()).address();
    long ds = SHAPES.matrix(kernel, "scratch", workspace, e.queries(), e.t).address();
    long din = SHAPES.matrix(kernel, "dqkv", dqkv, rows, 3L * e.width()).address();
    Context context = threads.context();
    int wide = 3 * e.width();
    int square = e.t * e.t;
    // dv = p' dout
    byHead(context, e, e.d, e.t)
        .a(e.h * square, square, 1, e.t)
        .b(e.t * e.width(), e.d, e.width(), 1)
        .out(e.t * wide, e.d, wide)
        .run(context, p, douts, e.part(din, 2), 0, 0);
    // dp = dout v'
    byHead(context, e, e.t, e.d)
        .a(e.t * e.width(), e.d, e.width(), 1)
        .b(e.t * wide, e.d, 1, wide)
        .out(e.h * square, square, e.t)
        .run(context, douts, e.part(in, 2), ds, 0, 0);
    float scale = e.scale();
    threads.split(
        e.queries(),
        e.t,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long pRow = Memory.at(p, (long) row * e.t);
            long dRow = Memory.at(ds, (long) row * e.t);
            float mean = Rows.dot(pRow, dRow, e.t);
            ObjectiveRows.softmaxBackward(pRow, dRow, e.t, mean, scale);
          }
        });
    // dq = ds k
    byHead(context, e, e.d, e.t)
        .a(e.h * square, square, e.t, 1)
        .b(e.t * wide, e.d, wide, 1)
        .out(e.t * wide, e.d, wide)
        .run(context, ds, e.part(in, 1), e.part(din, 0), 0, 0);
    // dk = ds' q
    byHead(context, e, e.d, e.t)
        .a(e.h * square, square, 1, e.t)
        .b(e.t * wide, e.d, wide, 1)
        .out(e.t * wide, e.d, wide)
        .run(context, ds, e.part(in, 0), e.part(din, 1), 0, 0);
  }

  private static Matmul byHead(Context context, Extents e, int columns, int inner) {
    return context.matmul().of(e.b, e.h, e.t, columns, inner);
  }
}
