package stream.adasim.compute.onednn;

import static stream.adasim.compute.onednn.NativeTensor.SHAPES;

import stream.adasim.compute.ConvolutionShape;
import stream.adasim.compute.Tensor;
import stream.adasim.compute.onednn.ConvolutionPlan.Kind;

/** Convolutions of images (B, C, H, W) and their gradients. */
final class Convolution {
  private final Threads threads;

  Convolution(Threads threads) {
    this.threads = threads;
  }

  void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y) {
    String kernel = "convolution";
    var s = ConvolutionShape.of(kernel, "x", x, "w", w, stride, padding);
    long xs = SHAPES.own(kernel, "x", x).address();
    long ws = SHAPES.own(kernel, "w", w).address();
    long ys = SHAPES.exact(kernel, "y", y, s.b(), s.o(), s.down(), s.across()).address();
    run(Kind.OUTPUT, s, xs, ws, ys);
  }

  void backwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx) {
    String kernel = "convolutionBackwardInput";
    var s = ConvolutionShape.of(kernel, "dx", dx, "w", w, stride, padding);
    long dys = SHAPES.exact(kernel, "dy", dy, s.b(), s.o(), s.down(), s.across()).address();
    long ws = SHAPES.own(kernel, "w", w).address();
    long dxs = SHAPES.own(kernel, "dx", dx).address();
    run(Kind.INPUT_GRADIENT, s, dxs, ws, dys);
  }

  void backwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw) {
    String kernel = "convolutionBackwardWeight";
    var s = ConvolutionShape.of(kernel, "x", x, "dw", dw, stride, padding);
    long xs = SHAPES.own(kernel, "x", x).address();
    long dys = SHAPES.exact(kernel, "dy", dy, s.b(), s.o(), s.down(), s.across()).address();
    long dws = SHAPES.own(kernel, "dw", dw).address();
    int size = Math.toIntExact(dw.size());
    long sum = threads.context().workspace(size);
    run(Kind.WEIGHT_GRADIENT, s, xs, sum, dys);
    Rows.add(sum, dws, size);
  }

  private void run(Kind kind, ConvolutionShape s, long input, long weights, long output) {
    Context context = threads.context();
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
    if (plan == null) {
      plan = context.keep(signature, () -> new ConvolutionPlan(kind, s));
    }
    plan.run(context, input, weights, output);
  }
}
