package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.ConvolutionShape;
import stream.adasim.compute.Shapes;
import stream.adasim.compute.Tensor;
import stream.adasim.compute.onednn.ConvolutionPlan.Kind;

/** Convolutions of images (B, H, W, C) and their gradients. */
final class Convolution {
  private final Threads threads;
  private final Winograd winograd;
  private final Unfolded unfolded;

  /**
   * @param bfloat16 whether products are in it; the library's own convolutions follow the images
   */
  Convolution(Threads threads, boolean bfloat16) {
    this.threads = threads;
    this.winograd = new Winograd(threads, bfloat16);
    this.unfolded = new Unfolded(threads, bfloat16);
  }

  void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y) {
    String kernel = "convolution";
    var s = ConvolutionShape.of(kernel, "x", x, "w", w, stride, padding);
    NativeTensor xs = SHAPES.any(kernel, "x", x);
    long ws = SHAPES.own(kernel, "w", w).address();
    NativeTensor ys = outputs(kernel, "y", y, s, "x", x);
    boolean halves = xs.halves();
    if (Winograd.suits(s)) {
      winograd.convolution(s, halves, xs.address(), ws, ys.address());
    } else if (unfolded.suits(s)) {
      unfolded.convolution(s, halves, xs.address(), ws, ys.address());
    } else {
      split(Kind.OUTPUT, s, xs, ws, ys);
    }
  }

  void backwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx) {
    String kernel = "convolutionBackwardInput";
    var s = ConvolutionShape.of(kernel, "dx", dx, "w", w, stride, padding);
    NativeTensor dxs = SHAPES.any(kernel, "dx", dx);
    long ws = SHAPES.own(kernel, "w", w).address();
    NativeTensor dys = outputs(kernel, "dy", dy, s, "dx", dx);
    boolean halves = dxs.halves();
    if (Winograd.suits(s)) {
      winograd.backwardInput(s, halves, dys.address(), ws, dxs.address());
    } else if (unfolded.suits(s)) {
      unfolded.backwardInput(s, halves, dys.address(), ws, dxs.address());
    } else {
      split(Kind.INPUT_GRADIENT, s, dxs, ws, dys);
    }
  }

  void backwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw) {
    String kernel = "convolutionBackwardWeight";
    var s = ConvolutionShape.of(kernel, "x", x, "dw", dw, stride, padding);
    NativeTensor xs = SHAPES.any(kernel, "x", x);
    NativeTensor dys = outputs(kernel, "dy", dy, s, "x", x);
    long dws = SHAPES.own(kernel, "dw", dw).address();
    boolean halves = xs.halves();
    if (Winograd.suits(s)) {
      winograd.backwardWeight(s, halves, xs.address(), dys.address(), dws);
    } else if (unfolded.suitsWeights(s)) {
      unfolded.backwardWeight(s, halves, xs.address(), dys.address(), dws);
    } else {
      direct(s, xs, dys, dws);
    }
  }

  /** The tensor, of images that go out, and of the type of those that come in. */
  private static NativeTensor outputs(
      String kernel, String name, Tensor y, ConvolutionShape s, String as, Tensor x) {
    NativeTensor own = SHAPES.anyExact(kernel, name, y, s.b(), s.down(), s.across(), s.o());
    Shapes.alike(kernel, name, y, as, x);
    return own;
  }

  private void direct(ConvolutionShape s, NativeTensor xs, NativeTensor dys, long dws) {
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
  private void split(
      Kind kind, ConvolutionShape s, NativeTensor input, long weights, NativeTensor output) {
    threads.split(s.b(), s.output(), (from, to) -> run(kind, s, from, to, input, weights, output));
  }

  private void run(
      Kind kind,
      ConvolutionShape s,
      int from,
      int to,
      NativeTensor input,
      long weights,
      NativeTensor output) {
    Context context = threads.context();
    ConvolutionPlan plan = plan(context, kind, s.images(to - from), input.halves());
    plan.run(context, input.at(from * s.input()), weights, output.at(from * s.output()));
  }

  private static ConvolutionPlan plan(
      Context context, Kind kind, ConvolutionShape s, boolean halves) {
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
            .add(s.padding())
            .add(halves ? 1 : 0);
    ConvolutionPlan plan = (ConvolutionPlan) context.find(signature);
    return plan != null
        ? plan
        : context.keep(signature, () -> new ConvolutionPlan(kind, s, halves));
  }
}
