package stream.adasim.compute.onednn;

import stream.adasim.compute.ConvolutionShape;

/**
 * Convolutions and their gradients as one matrix product: for each output, the k x k pixels that it
 * reads are copied side by side, so many outputs at a time that they stay in a core's cache. Images
 * are taken in parts, one for each thread.
 */
final class Unfolded {
  /** Floats that are unfolded at a time. */
  private static final int CHUNK = 1 << 18;

  // Measured against the library's own, whose gradient of the weights is slow.
  private static final int CHANNELS = 128;
  private static final int CHANNELS_OF_GRADIENT = 16;

  private final Threads threads;
  private final boolean halves;

  /**
   * @param bfloat16 whether products are in it; sums of gradients stay in float32
   */
  Unfolded(Threads threads, boolean bfloat16) {
    this.threads = threads;
    this.halves = bfloat16;
  }

  /**
   * Whether this is faster than the library's convolution and gradient of the inputs, in float32.
   */
  boolean suits(ConvolutionShape s) {
    return halves ? s.c() >= CHANNELS_OF_GRADIENT : s.k() > 1 && s.c() >= CHANNELS;
  }

  /** Whether this is faster than the library's gradient of the weights, in float32. */
  boolean suitsWeights(ConvolutionShape s) {
    return (halves || s.k() > 1) && s.c() >= CHANNELS_OF_GRADIENT;
  }

  /** Outputs at a time. */
  private static int atOnce(ConvolutionShape s) {
    int outputs = s.b() * s.down() * s.across();
    return Math.clamp(CHUNK / taps(s), 1, outputs);
  }

  /** Values that an output is made of. */
  private static int taps(ConvolutionShape s) {
    return s.k() * s.k() * s.c();
  }

  private static long part(ConvolutionShape s) {
    return (long) atOnce(s) * taps(s);
  }

  /** Some outputs, by number, on memory of the part's own. */
  @FunctionalInterface
  private interface Some {
    void run(int first, int count, long own, int part, boolean begins);
  }

  /** Takes all outputs chunk by chunk; returns how many parts there were. */
  private int each(ConvolutionShape s, long memory, Some some) {
    int perImage = s.down() * s.across();
    return threads.splitNumbered(
        s.b(),
        s.output(),
        (number, from, to) -> {
          long own = Memory.at(memory, number * part(s));
          int end = to * perImage;
          for (int first = from * perImage; first < end; first += atOnce(s)) {
            int count = Math.min(atOnce(s), end - first);
            some.run(first, count, own, number, first == from * perImage);
          }
        });
  }

  /** Filters (O, k, k, C), and behind them what each part unfolds. */
  private long workspace(ConvolutionShape s, int filters) {
    long floats = (long) filters * s.weights() + threads.count() * part(s);
    return threads.context().workspace(floats);
  }

  /**
   * @param images whether x and y are in bfloat16
   */
  void convolution(ConvolutionShape s, boolean images, long x, long w, long y) {
    int taps = taps(s);
    long filters = workspace(s, 1);
    turn(s, w, filters);
    each(
        s,
        Memory.at(filters, s.weights()),
        (first, count, own, part, begins) -> {
          unfold(s, images, x, first, count, own);
          Context context = threads.context();
          context
              .matmul()
              .of(count, s.o(), taps)
              .halves(halves, halves, images)
              .a(0, 0, taps, 1)
              .b(0, 0, 1, taps)
              .out(0, 0, s.o())
              .run(context, own, filters, Halves.atIn(images, y, (long) first * s.o()), 0, 0);
        });
  }

  /**
   * Sums are made in float32: of images in bfloat16 some at a time, so that they stay in a core's
   * cache.
   *
   * @param images whether dy and dx are in bfloat16
   */
  void backwardInput(ConvolutionShape s, boolean images, long dy, long w, long dx) {
    int perImage = s.down() * s.across();
    int together = images ? Math.clamp(atOnce(s) / perImage, 1, s.b()) : s.b();
    long sums = images ? together * s.input() : 0;
    long filters = threads.context().workspace(s.weights() + threads.count() * (part(s) + sums));
    turn(s, w, filters);
    long parts = Memory.at(filters, s.weights());
    threads.splitNumbered(
        s.b(),
        s.output(),
        (number, from, to) -> {
          long own = Memory.at(parts, number * (part(s) + sums));
          long sum = Memory.at(own, part(s));
          for (int image = from; image < to; image += together) {
            int end = Math.min(to, image + together);
            long n = (end - image) * s.input();
            long target = images ? sum : Memory.at(dx, image * s.input());
            Memory.fill(target, n, 0);
            for (int first = image * perImage; first < end * perImage; first += atOnce(s)) {
              int count = Math.min(atOnce(s), end * perImage - first);
              multiplyBack(s, images, dy, filters, first, count, own);
              fold(s, own, first, count, image, target);
            }
            if (images) {
              HalfRows.narrow(sum, Halves.at(dx, image * s.input()), Math.toIntExact(n));
            }
          }
        });
  }

  private void multiplyBack(
      ConvolutionShape s, boolean images, long dy, long filters, int first, int count, long own) {
    Context context = threads.context();
    context
        .matmul()
        .of(count, taps(s), s.o())
        .halves(images, halves, false)
        .a(0, 0, s.o(), 1)
        .b(0, 0, taps(s), 1)
        .out(0, 0, taps(s))
        .run(context, Halves.atIn(images, dy, (long) first * s.o()), filters, own, 0, 0);
  }

  /**
   * @param images whether x and dy are in bfloat16
   */
  void backwardWeight(ConvolutionShape s, boolean images, long x, long dy, long dw) {
    int taps = taps(s);
    long sums = workspace(s, threads.count());
    int parts =
        each(
            s,
            Memory.at(sums, (long) threads.count() * s.weights()),
            (first, count, own, part, begins) -> {
              unfold(s, images, x, first, count, own);
              Context context = threads.context();
              long sum = Memory.at(sums, (long) part * s.weights());
              context
                  .matmul()
                  .of(s.o(), taps, count)
                  .halves(images, halves, false)
                  .a(0, 0, 1, s.o())
                  .b(0, 0, taps, 1)
                  .out(0, 0, taps)
                  .accumulate(!begins)
                  .run(context, Halves.atIn(images, dy, (long) first * s.o()), own, sum, 0, 0);
            });
    threads.split(
        s.o(),
        taps,
        (from, to) -> {
          for (int part = 0; part < parts; part++) {
            addTurned(s, Memory.at(sums, (long) part * s.weights()), from, to, dw);
          }
        });
  }

  /** Filters (O, C, k, k) to (O, k, k, C). */
  private void turn(ConvolutionShape s, long w, long filters) {
    int area = s.k() * s.k();
    threads.split(
        s.o(),
        taps(s),
        (from, to) -> {
          for (int out = from; out < to; out++) {
            long in = Memory.at(w, (long) out * taps(s));
            long turned = Halves.atIn(halves, filters, (long) out * taps(s));
            for (int channel = 0; channel < s.c(); channel++) {
              for (int tap = 0; tap < area; tap++) {
                float value = Memory.get(in, channel * area + tap);
                Halves.setIn(halves, turned, tap * s.c() + channel, value);
              }
            }
          }
        });
  }

  /** Adds filters (O, k, k, C) to those of (O, C, k, k). */
  private static void addTurned(ConvolutionShape s, long turned, int from, int to, long dw) {
    int area = s.k() * s.k();
    for (int out = from; out < to; out++) {
      long in = Memory.at(turned, (long) out * taps(s));
      long sum = Memory.at(dw, (long) out * taps(s));
      for (int channel = 0; channel < s.c(); channel++) {
        for (int tap = 0; tap < area; tap++) {
          int at = channel * area + tap;
          Memory.set(sum, at, Memory.get(sum, at) + Memory.get(in, tap * s.c() + channel));
        }
      }
    }
  }

  private void unfold(ConvolutionShape s, boolean images, long x, int first, int count, long own) {
    int bytes = halves ? Short.BYTES : Float.BYTES;
    for (int i = 0; i < count; i++) {
      long to = Halves.atIn(halves, own, (long) i * taps(s));
      for (int tap = 0; tap < s.k() * s.k(); tap++) {
        long pixel = pixel(s, first + i, tap);
        long at = Halves.atIn(halves, to, (long) tap * s.c());
        if (pixel < 0) {
          Memory.clear(at, s.c() * (long) bytes);
        } else if (halves && !images) {
          HalfRows.narrow(Memory.at(x, pixel * s.c()), at, s.c());
        } else {
          Memory.copyBytes(Halves.atIn(images, x, pixel * s.c()), at, s.c() * (long) bytes);
        }
      }
    }
  }

  /**
   * Adds what outputs give back to the pixels that they read.
   *
   * @param image that dx begins with
   */
  private static void fold(ConvolutionShape s, long own, int first, int count, int image, long dx) {
    long begin = (long) image * s.h() * s.w();
    for (int i = 0; i < count; i++) {
      long from = Memory.at(own, (long) i * taps(s));
      for (int tap = 0; tap < s.k() * s.k(); tap++) {
        long pixel = pixel(s, first + i, tap);
        if (pixel >= 0) {
          long to = Memory.at(dx, (pixel - begin) * s.c());
          Rows.add(Memory.at(from, (long) tap * s.c()), to, s.c());
        }
      }
    }
  }

  /** Number of the pixel that an output reads with a tap, or -1 outside of its image. */
  private static long pixel(ConvolutionShape s, int output, int tap) {
    int row = output / s.across() % s.down() * s.stride() - s.padding() + tap / s.k();
    int column = output % s.across() * s.stride() - s.padding() + tap % s.k();
    if (row < 0 || row >= s.h() || column < 0 || column >= s.w()) {
      return -1;
    }
    int image = output / (s.across() * s.down());
    return ((long) image * s.h() + row) * s.w() + column;
  }
}
