package stream.adasim.compute.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.ConvolutionShape;
import stream.adasim.compute.onednn.Primitive.Argument;

/**
 * One convolution or gradient of one shape, channels last; the weights in the layout that oneDNN
 * finds best, so that those of the caller are reordered before or after. With images in bfloat16
 * products are in it, too; the caller's weights and their gradients are floats.
 */
final class ConvolutionPlan {
  /** What is computed, from the other two. */
  enum Kind {
    OUTPUT(2),
    INPUT_GRADIENT(3),
    WEIGHT_GRADIENT(4);

    private final int signature;

    Kind(int signature) {
      this.signature = signature;
    }

    /** The number that begins its signatures; products begin with 1. */
    int signature() {
      return signature;
    }
  }

  private static final int LINE = 64;
  private static final int INPUT = 0;
  private static final int WEIGHTS = 1;
  private static final int OUTPUT = 2;

  private final Primitive convolution;
  private final boolean toWeights;
  private final @Nullable Primitive reorder; // where the library wants weights in another layout
  private final @Nullable MemorySegment copy;

  ConvolutionPlan(Kind kind, ConvolutionShape s, boolean halves) {
    String what = (halves ? "bfloat16" : "float32") + " convolution, " + kind + " of " + s;
    int type = halves ? Dnnl.BFLOAT16 : Dnnl.FLOAT32;
    long[] inputExtents = {s.b(), s.c(), s.h(), s.w()};
    long[] weightExtents = {s.o(), s.c(), s.k(), s.k()};
    long[] outputExtents = {s.b(), s.o(), s.down(), s.across()};
    List<Long> garbage = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      long images = kept(garbage, Dnnl.description(inputExtents, channelsLast(inputExtents), type));
      long anyWeights = kept(garbage, Dnnl.anyLayout(weightExtents, type));
      long anyGradients = kept(garbage, Dnnl.anyLayout(weightExtents));
      long outputs =
          kept(garbage, Dnnl.description(outputExtents, channelsLast(outputExtents), type));
      long attributes = Dnnl.attributes(Dnnl.postOps());
      var window =
          new Dnnl.Window(pair(arena, s.stride()), pair(arena, 0), pair(arena, s.padding()));
      long forward = Dnnl.convolution(what, images, anyWeights, outputs, window, attributes);
      long description =
          switch (kind) {
            case OUTPUT -> forward;
            case INPUT_GRADIENT ->
                Dnnl.convolutionBackwardInput(
                    what, images, anyWeights, outputs, window, forward, attributes);
            case WEIGHT_GRADIENT ->
                Dnnl.convolutionBackwardWeights(
                    what, images, anyGradients, outputs, window, forward, attributes);
          };
      boolean back = kind != Kind.OUTPUT;
      boolean toInput = kind == Kind.INPUT_GRADIENT;
      toWeights = kind == Kind.WEIGHT_GRADIENT;
      long expectedInput =
          Dnnl.expected(description, toInput ? Dnnl.QUERY_SOURCE_GRADIENT : Dnnl.QUERY_SOURCE);
      long expectedWeights =
          Dnnl.expected(description, toWeights ? Dnnl.QUERY_WEIGHTS_GRADIENT : Dnnl.QUERY_WEIGHTS);
      long expectedOutput =
          Dnnl.expected(
              description, back ? Dnnl.QUERY_DESTINATION_GRADIENT : Dnnl.QUERY_DESTINATION);
      long plain = kept(garbage, Dnnl.description(weightExtents, dense(weightExtents)));
      boolean same = Dnnl.equal(plain, expectedWeights);
      reorder = same ? null : reorder(what, plain, expectedWeights, toWeights);
      copy = same ? null : Arena.ofAuto().allocate(Dnnl.bytes(expectedWeights), LINE);
      convolution =
          new Primitive(
              what,
              description,
              new Argument(toInput ? Dnnl.ARG_SOURCE_GRADIENT : Dnnl.ARG_SOURCE, expectedInput),
              new Argument(
                  toWeights ? Dnnl.ARG_WEIGHTS_GRADIENT : Dnnl.ARG_WEIGHTS, expectedWeights),
              new Argument(
                  back ? Dnnl.ARG_DESTINATION_GRADIENT : Dnnl.ARG_DESTINATION, expectedOutput));
      if (back) {
        Dnnl.destroyPrimitiveDescription(forward);
      }
      Dnnl.destroyAttributes(attributes);
    } finally {
      garbage.forEach(Dnnl::destroyDescription);
    }
  }

  /** Computes; images (B, H, W, C), weights (O, C, k, k), outputs (B, H', W', O). */
  void run(Context context, long input, long weights, long output) {
    convolution.at(INPUT, input).at(OUTPUT, output);
    if (copy == null || reorder == null) {
      convolution.at(WEIGHTS, weights).run(context);
      return;
    }
    convolution.at(WEIGHTS, copy.address());
    if (toWeights) {
      convolution.run(context);
      reorder.at(0, copy.address()).at(1, weights).run(context);
    } else {
      reorder.at(0, weights).at(1, copy.address()).run(context);
      convolution.run(context);
    }
  }

  /** Gives the native objects back. */
  void destroy() {
    convolution.destroy();
    if (reorder != null) {
      reorder.destroy();
    }
  }

  private static Primitive reorder(String what, long plain, long expected, boolean back) {
    return Primitive.reorder(
        "reorder for " + what, back ? expected : plain, back ? plain : expected);
  }

  /** Strides of dense memory, the last axis innermost. */
  private static long[] dense(long[] extents) {
    long[] strides = new long[extents.length];
    long stride = 1;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= extents[axis];
    }
    return strides;
  }

  /** Strides of the axes (B, C, H, W), the channels innermost. */
  private static long[] channelsLast(long[] extents) {
    long c = extents[1];
    long w = extents[3];
    return new long[] {extents[2] * w * c, 1, w * c, c};
  }

  private static long kept(List<Long> garbage, long description) {
    garbage.add(description);
    return description;
  }

  private static long pair(Arena arena, long value) {
    return arena.allocateFrom(ValueLayout.JAVA_LONG, value, value).address();
  }
}
