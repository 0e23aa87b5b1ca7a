package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.ConvolutionShape;
import stream.adasim.compute.Tensor;
import stream.adasim.compute.onednn.ConvolutionPlan.Kind;

/** Convolutions of images (B, H, W, C) and their gradients. */
final class Convolution {
  private final Threads threads;
  private final Winograd winograd;
  private final Unfolded unfolded;

  /**
   * @param bfloat16 whether products are in it, where the library's own convolution isn't taken
   */
  Convolution(Threads threads, boolean bfloat16) {
    this.threads = threads;
    this.winograd = new Winograd(threads, bfloat16);
    this.unfolded = new Unfolded(threads, bfloat16);
  }

  void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y) {
    String kernel = "convolution";
    var s = ConvolutionShape.of(kernel, "x", x, "w", w, stride, padding);
    long xs = SHAPES.own(kernel, "x", x).address();
    long ws = SHAPES.own(kernel, "w", w).address();
    long ys = SHAPES.exact(kernel, "y", y, s.b(), s.down(), s.across(), s.o()).address();
    if (Winograd.suits(s)) {
      winograd.convolution(s, xs, ws, ys);
    } else if (unfolded.suits(s)) {
      unfolded.convolution(s, xs, ws, ys);
    } else {
      split(Kind.OUTPUT, s, xs, ws, ys);
    }
  }

  void backwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx) {
    String kernel = "convolutionBackwardInput";
    var s = ConvolutionShape.of(kernel, "dx", dx, "w", w, stride, padding);
    long dys = SHAPES.exact(kernel, "dy", dy, s.b(), s.down(), s.across(), s.o()).address();
    long ws = SHAPES.own(kernel, "w", w).address();
    long dxs = SHAPES.own(kernel, "dx", dx).address();
    if (Winograd.suits(s)) {
      winograd.backwardInput(s, dys, ws, dxs);
    } else if (unfolded.suits(s)) {
      unfolded.backwardInput(s, dys, ws, dxs);
    } else {
      split(Kind.INPUT_GRADIENT, s, dxs, ws, dys);
    }
  }

  void backwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw) {
    String kernel = "convolutionBackwardWeight";
    var s = ConvolutionShape.of(kernel, "x", x, "dw", dw, stride, padding);
    long xs = SHAPES.own(kernel, "x", x).address();
    long dys = SHAPES.exact(kernel, "dy", dy, s.b(), s.down(), s.across(), s.o()).address();
    long dws = SHAPES.own(kernel, "dw", dw).address();
    if (Winograd.suits(s)) {
      winograd.backwardWeight(s, xs, dys, dws);
    } else if (unfolded.suitsWeights(s)) {
      unfolded.backwardWeight(s, xs, dys, dws);
    } else {
      direct(s, xs, dys, dws);
    }
  }

  private void direct(ConvolutionShape s, long xs, long dys, long dws) {
    int size = s.weights();
    long sums = threads.context().workspace((long) size * threads.count());
    int parts =
        threads.splitNumbered(
            s.b(),
            s.output(),
            (number, from, to) -> {
              long sum = Memory.at(sums, (long) size * number);
              run(Kind.WEIGHT_GRADIENT, s, from, to, xs, sum, dys);
            });
    threads.blocks(
        size,
        (at, n) -> {
          for (int part = 0; part < parts; part++) {
            Rows.add(Memory.at(sums, (long) size * part + at), Memory.at(dws, at), n);
          }
        });
  }

  /** Split by images, since a thread alone wastes no time on waiting for others. */
  private void split(Kind kind, ConvolutionShape s, long input, long weights, long output) {
    threads.split(s.b(), s.output(), (from, to) -> run(kind, s, from, to, input, weights, output));
  }

  private void run(
      Kind kind, ConvolutionShape s, int from, int to, long input, long weights, long output) {
    Context context = threads.context();
    ConvolutionPlan plan = plan(context, kind, s.images(to - from));
    plan.run(
        context, Memory.at(input, from * s.input()), weights, Memory.at(output, from * s.output()));
  }

  private static ConvolutionPlan plan(Context context, Kind kind, ConvolutionShape s) {
    Signature signature =
        context
            .signature()
            .add(kind.signature())
            .add(s.b())
            .add(s.c())
            .add(s.h())
            .add(s.w())
            .add(s.o())
            .add(s.k())
            .add(s.stride())
            .add(s.padding());
    ConvolutionPlan plan = (ConvolutionPlan) context.find(signature);
    return plan != null ? plan : context.keep(signature, () -> new ConvolutionPlan(kind, s));
  }
}
