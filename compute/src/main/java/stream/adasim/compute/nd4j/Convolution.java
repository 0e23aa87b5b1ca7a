package stream.adasim.compute.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import stream.adasim.compute.Tensor;

/**
 * Convolutions of images (B, C, H, W). ND4J gives convolutions, and both their gradients together,
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

  /** Extents: images, channels and size of the inputs and of the outputs, kernel, step, margin. */
  private record Extents(
      int b, int c, int h, int w, int o, int down, int across, int k, int stride, int padding) {

    static Extents of(
        String kernel, String name, Tensor x, String weight, Tensor w, int stride, int padding) {
      Shapes.require(
          stride >= 1 && padding >= 0,
          kernel,
          "stride=" + stride + ", padding=" + padding,
          "1, 0 or more");
      int c = Shapes.images(kernel, name, x).extent(1);
      if (w.rank() != 4 || w.extent(1) != c || w.extent(2) != w.extent(3)) {
        throw Shapes.wrong(kernel, weight, w, "(O, " + c + ", k, k)");
      }
      int k = w.extent(2);
      int margin = Math.multiplyExact(2, padding);
      int rows = Math.addExact(x.extent(2), margin) - k;
      int columns = Math.addExact(x.extent(3), margin) - k;
      if (rows < 0 || columns < 0) {
        throw Shapes.wrong(kernel, name, x, "H and W of " + (k - margin) + " or more");
      }
      int down = rows / stride + 1;
      int across = columns / stride + 1;
      return new Extents(
          x.extent(0), c, x.extent(2), x.extent(3), w.extent(0), down, across, k, stride, padding);
    }

    INDArray inputs(Nd4jTensor x) {
      return x.array(b, c, h, w);
    }

    INDArray outputs(Nd4jTensor y) {
      return y.array(b, o, down, across);
    }

    INDArray weights(Nd4jTensor w) {
      return w.array(o, c, k, k);
    }

    /** The values that a weight meets in one image. */
    long positions() {
      return (long) down * across;
    }

    /** The weights of one output channel. */
    long taps() {
      return (long) c * k * k;
    }

    /** Kernel, strides, margins and dilations, then: margins as given, NCHW, weights OCkk. */
    int[] arguments() {
      return arguments(k, stride, padding);
    }

    private static int[] arguments(int k, int stride, int padding) {
      return new int[] {k, k, stride, stride, padding, padding, 1, 1, 0, 0, 1};
    }
  }

  void convolution(Tensor x, Tensor w, int stride, int padding, Tensor y) {
    String kernel = "convolution";
    Extents e = Extents.of(kernel, "x", x, "w", w, stride, padding);
    INDArray xs = e.inputs(Shapes.own(kernel, "x", x));
    INDArray ws = e.weights(Shapes.own(kernel, "w", w));
    Nd4jTensor ys = Shapes.exact(kernel, "y", y, e.b(), e.o(), e.down(), e.across());
    Ops.convolution(xs, ws, e.arguments(), e.outputs(ys));
  }

  void backwardInput(Tensor dy, Tensor w, int stride, int padding, Tensor dx) {
    String kernel = "convolutionBackwardInput";
    Extents e = Extents.of(kernel, "dx", dx, "w", w, stride, padding);
    Nd4jTensor dys = Shapes.exact(kernel, "dy", dy, e.b(), e.o(), e.down(), e.across());
    Nd4jTensor ws = Shapes.own(kernel, "w", w);
    Nd4jTensor dxs = Shapes.own(kernel, "dx", dx);
    if (stride == 1 && padding < e.k()) {
      turned(dys, ws, e, dxs);
    } else {
      unfolded(dys, ws, e, dxs);
    }
  }

  /** A convolution of dy with the weights turned by 180 degrees, from O to C channels. */
  private void turned(Nd4jTensor dy, Nd4jTensor w, Extents e, Nd4jTensor dx) {
    int k = e.k();
    long area = (long) k * k;
    long[] filters = {(long) e.o() * e.c()};
    long[] step = {area};
    try (Scratch.Lease lease = scratch.borrow(w.size())) {
      // Tap by tap, because ND4J takes 50 times longer to reverse many short rows.
      for (long tap = 0; tap < area; tap++) {
        lease.tensor().strided(area - 1 - tap, filters, step).assign(w.strided(tap, filters, step));
      }
      long[] shape = {e.c(), e.o(), k, k};
      INDArray turned = lease.tensor().strided(0, shape, new long[] {area, e.taps(), k, 1});
      int[] arguments = Extents.arguments(k, 1, k - 1 - e.padding());
      Ops.convolution(e.outputs(dy), turned, arguments, e.inputs(dx));
    }
  }

  /** What each position gives to the pixels that it read, then summed by pixel. */
  private void unfolded(Nd4jTensor dy, Nd4jTensor w, Extents e, Nd4jTensor dx) {
    long p = e.positions();
    long unfolded = e.taps() * p;
    INDArray ws = w.array(e.o(), e.taps());
    int atOnce = Math.clamp(CHUNK / unfolded, 1, e.b());
    try (Scratch.Lease lease = scratch.borrow(atOnce * unfolded)) {
      for (int first = 0; first < e.b(); first += atOnce) {
        int n = Math.min(atOnce, e.b() - first);
        for (int i = 0; i < n; i++) {
          INDArray dys = dy.arrayAt(p * e.o() * (first + i), e.o(), p);
          INDArray taps = lease.tensor().arrayAt(i * unfolded, e.taps(), p);
          Ops.product(ws, true, dys, false, 1, 0, taps); // (C k k, H' W')
        }
        INDArray taps = lease.array(n, e.c(), e.k(), e.k(), e.down(), e.across());
        long image = (long) e.c() * e.h() * e.w();
        Ops.fold(taps, e.stride(), e.padding(), dx.arrayAt(first * image, n, e.c(), e.h(), e.w()));
      }
    }
  }

  void backwardWeight(Tensor x, Tensor dy, int stride, int padding, Tensor dw) {
    String kernel = "convolutionBackwardWeight";
    Extents e = Extents.of(kernel, "x", x, "dw", dw, stride, padding);
    INDArray xs = e.inputs(Shapes.own(kernel, "x", x));
    Nd4jTensor dys = Shapes.exact(kernel, "dy", dy, e.b(), e.o(), e.down(), e.across());
    Nd4jTensor dws = Shapes.own(kernel, "dw", dw);
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
