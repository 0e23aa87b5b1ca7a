package stream.adasim.compute.nd4j;

import static stream.adasim.compute.nd4j.Nd4jTensor.SHAPES;

import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.ConvolutionShape;
import stream.adasim.compute.Tensor;

/**
 * Convolutions of images (B, H, W, C). ND4J gives convolutions, and both their gradients together,
 * to oneDNN, which beats products over unfolded images. The gradient of the inputs alone it
 * computes itself, several times slower; so that one is a convolution of its own here where the
 * stride is 1, and products otherwise. The weights' gradient costs as much as both.
 */
final class Convolution {
  // Elements of unfolded images at a time.
  private static final int CHUNK = 1 << 20;

  private final Scratch scratch;

  Convolution(Scratch scratch) {
    this.scratch = scratch;
  }

  /** A convolution's extents, and its tensors as ND4J's operations take them. */
  private record Extents(ConvolutionShape shape) {
    static Extents of(
        String kernel, String name, Tensor x, String weight, Tensor w, int stride, int padding) {
      return new Extents(ConvolutionShape.of(kernel, name, x, weight, w, stride, padding));
    }

    INDArray inputs(Nd4jTensor x) {
      return x.array(shape.b(), shape.h(), shape.w(), shape.c());
    }

    INDArray outputs(Nd4jTensor y) {
      return y.array(shape.b(), shape.down(), shape.across(), shape.o());
    }

    INDArray weights(Nd4jTensor w) {
      return w.array(shape.o(), shape.c(), shape.k(), shape.k());
    }

    /** The values that a weight meets in one image. */
    long positions() {
      return (long) shape.down() * shape.across();
    }

    /** The weights of one output channel. */
    long taps() {
      return (long) shape.c() * shape.k() * shape.k();
    }

    /**
     * Kernel, strides, margins and dilations, then: margins as given, channels last, weights OCkk.
     */
    int[] arguments() {
      return arguments(shape.k(), shape.stride(), shape.padding());
    }

    private static int[] arguments(int k, int stride, int padding) {
      return new int[] {k, k, stride, stride, padding, padding, 1, 1, 0, 1, 1};
    }
  }

  void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y) {
    String kernel = "convolution";
    Extents e = Extents.of(kernel, "x", x, "w", w, stride, padding);
    INDArray xs = e.inputs(SHAPES.own(kernel, "x", x));
    INDArray ws = e.weights(SHAPES.own(kernel, "w", w));
    Nd4jTensor ys =
        SHAPES.exact(
            kernel, "y", y, e.shape().b(), e.shape().down(), e.shape().across(), e.shape().o());
    Ops.convolution(xs, ws, e.arguments(), e.outputs(ys));
  }

  void backwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx) {
    String kernel = "convolutionBackwardInput";
    Extents e = Extents.of(kernel, "dx", dx, "w", w, stride, padding);
    Nd4jTensor dys =
        SHAPES.exact(
            kernel, "dy", dy, e.shape().b(), e.shape().down(), e.shape().across(), e.shape().o());
    Nd4jTensor ws = SHAPES.own(kernel, "w", w);
    Nd4jTensor dxs = SHAPES.own(kernel, "dx", dx);
    if (stride == 1 && padding < e.shape().k()) {
      turned(dys, ws, e, dxs);
    } else {
      unfolded(dys, ws, e, dxs);
    }
  }

  /** A convolution of dy with the weights turned by 180 degrees, from O to C channels. */
  private void turned(Nd4jTensor dy, Nd4jTensor w, Extents e, Nd4jTensor dx) {
    int k = e.shape().k();
    long area = (long) k * k;
    long[] filters = {(long) e.shape().o() * e.shape().c()};
    long[] step = {area};
    try (Scratch.Lease lease = scratch.borrow(w.size())) {
      // Tap by tap, because ND4J takes 50 times longer to reverse many short rows.
      for (long tap = 0; tap < area; tap++) {
        lease.tensor().strided(area - 1 - tap, filters, step).assign(w.strided(tap, filters, step));
      }
      long[] shape = {e.shape().c(), e.shape().o(), k, k};
      INDArray turned = lease.tensor().strided(0, shape, new long[] {area, e.taps(), k, 1});
      int[] arguments = Extents.arguments(k, 1, k - 1 - e.shape().padding());
      Ops.convolution(e.outputs(dy), turned, arguments, e.inputs(dx));
    }
  }

  /** What each position gives to the pixels that it read, then summed by pixel. */
  private void unfolded(Nd4jTensor dy, Nd4jTensor w, Extents e, Nd4jTensor dx) {
    long p = e.positions();
    long unfolded = e.taps() * p;
    INDArray ws = w.array(e.shape().o(), e.taps());
    int atOnce = Math.clamp(CHUNK / unfolded, 1, e.shape().b());
    long image = e.shape().input();
    try (Scratch.Lease lease = scratch.borrow(atOnce * unfolded);
        Scratch.Lease planes = scratch.borrow(atOnce * image)) {
      for (int first = 0; first < e.shape().b(); first += atOnce) {
        int n = Math.min(atOnce, e.shape().b() - first);
        for (int i = 0; i < n; i++) {
          INDArray dys = dy.arrayAt(p * e.shape().o() * (first + i), p, e.shape().o());
          INDArray taps = lease.tensor().arrayAt(i * unfolded, e.taps(), p);
          Ops.product(ws, true, dys, true, 1, 0, taps); // (C k k, H' W')
        }
        INDArray taps =
            lease.array(
                n,
                e.shape().c(),
                e.shape().k(),
                e.shape().k(),
                e.shape().down(),
                e.shape().across());
        INDArray folded = planes.array(n, e.shape().c(), e.shape().h(), e.shape().w());
        Ops.fold(taps, e.shape().stride(), e.shape().padding(), folded);
        long pixels = (long) e.shape().h() * e.shape().w();
        long[] extents = {n, pixels, e.shape().c()};
        dx.arrayAt(first * image, extents)
            .assign(planes.tensor().strided(0, extents, new long[] {image, 1, pixels}));
      }
    }
  }

  void backwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw) {
    String kernel = "convolutionBackwardWeight";
    Extents e = Extents.of(kernel, "x", x, "dw", dw, stride, padding);
    INDArray xs = e.inputs(SHAPES.own(kernel, "x", x));
    Nd4jTensor dys =
        SHAPES.exact(
            kernel, "dy", dy, e.shape().b(), e.shape().down(), e.shape().across(), e.shape().o());
    Nd4jTensor dws = SHAPES.own(kernel, "dw", dw);
    try (Scratch.Lease ignored = scratch.borrow(x.size());
        Scratch.Lease sum = scratch.borrow(dw.size())) {
      // The operation also wants weights, for a gradient of x that nobody reads: any will do.
      INDArray anyWeights = e.weights(dws);
      Ops.convolutionBackward(
          xs,
          anyWeights,
          e.outputs(dys),
          e.arguments(),
          e.inputs(ignored.tensor()),
          e.weights(sum.tensor()));
      Ops.axpy(1, sum.array(dw.size()), dws.flat());
    }
  }
}
