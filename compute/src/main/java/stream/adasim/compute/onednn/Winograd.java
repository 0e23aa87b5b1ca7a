package stream.adasim.compute.onednn;

import stream.adasim.compute.ConvolutionShape;
import stream.adasim.compute.onednn.WinogradGrid.Planes;

/**
 * Convolutions 3 x 3 of stride 1 and their gradients as F(2x2, 3x3) by Lavin and Gray (2016): 16
 * matrix products over tiles of 2 x 2 outputs, with 2.25 times fewer multiplications, and sums
 * alone before and after. Images are taken in parts, one for each thread, and tiles so many at a
 * time that their planes stay in a core's cache.
 */
final class Winograd {
  private static final int PLANES = 16;
  private static final int INPUT_SIDE = 4;
  private static final int OUTPUT_SIDE = 2;

  /** Channels below which the sums cost more than the multiplications that they spare. */
  private static final int LEAST_CHANNELS = 32;

  /** Floats of planes that are worked on at a time. */
  private static final int PLANE_FLOATS = 1 << 18;

  /** Rows of a product below which it is slow. */
  private static final int LEAST_TILES = 128;

  /**
   * Numbers between planes, so that not all of them meet in the same lines of a cache; a vector's
   * or more, so that filters may be read and written to the end of their last one.
   */
  private static final int GAP = 16;

  private final Threads threads;
  private final boolean halves;
  private final int bytes; // of a number in planes that are multiplied
  private final WinogradGrid.Transform input;
  private final WinogradGrid.Transform gradient;

  /**
   * @param bfloat16 whether planes are multiplied in it; sums before and after are in float32
   */
  Winograd(Threads threads, boolean bfloat16) {
    this.threads = threads;
    this.halves = bfloat16;
    this.bytes = bfloat16 ? Short.BYTES : Float.BYTES;
    this.input = bfloat16 ? WinogradRows::inputToHalves : WinogradRows::input;
    this.gradient = bfloat16 ? WinogradRows::gradientToHalves : WinogradRows::gradient;
  }

  /** Whether this is the faster way. */
  static boolean suits(ConvolutionShape s) {
    return s.k() == 3
        && s.stride() == 1
        && s.padding() <= 2
        && Math.min(s.c(), s.o()) >= LEAST_CHANNELS;
  }

  /** Floats from a plane to the next, each of rows times columns. */
  static int plane(int rows, int columns) {
    return Math.addExact(Math.multiplyExact(rows, columns), GAP);
  }

  /** Images, and the tiles that are read and those that are written. */
  private record Extents(int b, WinogradGrid in, WinogradGrid out) {
    static Extents of(ConvolutionShape s, boolean halves) {
      return of(s.b(), halves, s.h(), s.w(), s.c(), s.padding(), s.down(), s.across(), s.o());
    }

    /** Of the gradient of the inputs: outputs and inputs change places. */
    static Extents turned(ConvolutionShape s, boolean halves) {
      return of(s.b(), halves, s.down(), s.across(), s.o(), 2 - s.padding(), s.h(), s.w(), s.c());
    }

    private static Extents of(
        int b, boolean halves, int h, int w, int c, int margin, int height, int width, int o) {
      int down = Math.ceilDiv(height, OUTPUT_SIDE);
      int across = Math.ceilDiv(width, OUTPUT_SIDE);
      return new Extents(
          b,
          new WinogradGrid(h, w, c, halves, INPUT_SIDE, margin, down, across),
          new WinogradGrid(height, width, o, halves, OUTPUT_SIDE, 0, down, across));
    }

    /** Tiles at a time. */
    int atOnce() {
      int fit = PLANE_FLOATS / (PLANES * (in.c() + out.c()));
      return Math.min(in.tiles(b), Math.max(LEAST_TILES, fit));
    }

    long filters() {
      return PLANES * (long) plane(in.c(), out.c());
    }

    /** Floats that a part works on. */
    long part() {
      long scratch = Math.max(in.scratch(), out.scratch());
      return PLANES * ((long) plane(atOnce(), in.c()) + plane(atOnce(), out.c())) + scratch;
    }
  }

  /**
   * @param images whether x and y are in bfloat16
   */
  void convolution(ConvolutionShape s, boolean images, long x, long w, long y) {
    convolve(s, Extents.of(s, images), x, w, y, false);
  }

  void backwardInput(ConvolutionShape s, boolean images, long dy, long w, long dx) {
    convolve(s, Extents.turned(s, images), dy, w, dx, true);
  }

  /** Filters, so many times, and then what each part works on. */
  private long workspace(Extents e, int filters) {
    return threads.context().workspace(filters * e.filters() + threads.count() * e.part());
  }

  private void convolve(ConvolutionShape s, Extents e, long x, long w, long y, boolean turned) {
    long filters = workspace(e, 1);
    int pairs = s.o() * s.c();
    int plane = plane(s.o(), s.c());
    threads.split(
        WinogradFilters.vectors(pairs),
        (long) Memory.LANES * PLANES,
        (from, to) -> {
          float[] own = threads.context().floats(WinogradFilters.scratch());
          WinogradFilters.forward(w, pairs, from, to, turned, halves, filters, plane, own);
        });
    long parts = Memory.at(filters, e.filters());
    int perImage = e.in.tiles(1);
    threads.splitNumbered(
        e.b,
        (long) e.out.h() * e.out.w() * e.out.c(),
        (number, first, end) -> {
          long planes = Memory.at(parts, number * e.part());
          for (int tile = first * perImage; tile < end * perImage; tile += e.atOnce()) {
            int tiles = Math.min(e.atOnce(), end * perImage - tile);
            chunk(e, tile, tiles, planes, x, filters, turned, y);
          }
        });
  }

  private void chunk(
      Extents e, int tile, int tiles, long planes, long x, long filters, boolean turned, long y) {
    int c = e.in.c();
    int o = e.out.c();
    int inPlane = plane(tiles, c);
    int outPlane = plane(tiles, o);
    int filterPlane = plane(c, o);
    long products = Memory.at(planes, (long) PLANES * inPlane);
    long scratch = Memory.at(products, (long) PLANES * outPlane);
    e.in.read(input, x, tile, tiles, scratch, new Planes(planes, bytes, inPlane));
    Context context = threads.context();
    context
        .matmul()
        .of(PLANES, 1, tiles, o, c)
        .halves(halves, halves, false)
        .a(inPlane, inPlane, c, 1)
        .b(filterPlane, filterPlane, turned ? o : 1, turned ? 1 : c)
        .out(outPlane, outPlane, o)
        .run(context, planes, filters, products, 0, 0);
    Planes floats = new Planes(products, Float.BYTES, outPlane);
    e.out.write(WinogradRows::output, y, tile, tiles, scratch, floats);
  }

  void backwardWeight(ConvolutionShape s, boolean images, long x, long dy, long dw) {
    Extents e = Extents.of(s, images);
    long sums = workspace(e, threads.count());
    long planes = Memory.at(sums, threads.count() * e.filters());
    int perImage = e.in.tiles(1);
    int parts =
        threads.splitNumbered(
            e.b,
            s.output(),
            (number, first, end) -> {
              long sum = Memory.at(sums, number * e.filters());
              long own = Memory.at(planes, number * e.part());
              int begin = first * perImage;
              for (int tile = begin; tile < end * perImage; tile += e.atOnce()) {
                int tiles = Math.min(e.atOnce(), end * perImage - tile);
                add(e, tile, tiles, own, x, dy, sum, tile > begin);
              }
            });
    int pairs = s.o() * s.c();
    int plane = plane(s.o(), s.c());
    threads.split(
        WinogradFilters.vectors(pairs),
        (long) Memory.LANES * PLANES,
        (from, to) -> {
          float[] own = threads.context().floats(WinogradFilters.scratch());
          for (int part = 0; part < parts; part++) {
            long sum = Memory.at(sums, part * e.filters());
            WinogradFilters.backward(sum, plane, pairs, from, to, dw, own);
          }
        });
  }

  /** Adds the gradients of some tiles to those of the filters' planes. */
  private void add(
      Extents e, int tile, int tiles, long planes, long x, long dy, long sum, boolean accumulate) {
    int c = e.in.c();
    int o = e.out.c();
    int inPlane = plane(tiles, c);
    int outPlane = plane(tiles, o);
    int filterPlane = plane(o, c);
    long gradients = Memory.at(planes, (long) PLANES * inPlane);
    long scratch = Memory.at(gradients, (long) PLANES * outPlane);
    e.in.read(input, x, tile, tiles, scratch, new Planes(planes, bytes, inPlane));
    e.out.read(gradient, dy, tile, tiles, scratch, new Planes(gradients, bytes, outPlane));
    Context context = threads.context();
    context
        .matmul()
        .of(PLANES, 1, o, c, tiles)
        .halves(halves, halves, false)
        .a(outPlane, outPlane, 1, o)
        .b(inPlane, inPlane, c, 1)
        .out(filterPlane, filterPlane, c)
        .accumulate(accumulate)
        .run(context, gradients, planes, sum, 0, 0);
  }
}
