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
 * One convolution or gradient of one shape, in the layouts that oneDNN finds best: tensors that lie
 * otherwise are reordered before and after.
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

  private final Primitive convolution;
  private final List<Side> sides; // input, weights, output
  private final int result; // which of them is computed

  /** One of the three tensors: in the caller's layout, and perhaps a copy in the library's. */
  private record Side(@Nullable Primitive reorder, @Nullable MemorySegment copy) {
    long before(Context context, long address) {
      if (copy == null || reorder == null) {
        return address;
      }
      reorder.at(0, address).at(1, copy.address()).run(context);
      return copy.address();
    }

    long target(long address) {
      return copy == null ? address : copy.address();
    }

    void after(Context context, long address) {
      if (copy != null && reorder != null) {
        reorder.at(0, copy.address()).at(1, address).run(context);
      }
    }
  }

  ConvolutionPlan(Kind kind, ConvolutionShape s) {
    String what = "float32 convolution, " + kind + " of " + s;
    long[] inputExtents = {s.b(), s.c(), s.h(), s.w()};
    long[] weightExtents = {s.o(), s.c(), s.k(), s.k()};
    long[] outputExtents = {s.b(), s.o(), s.down(), s.across()};
    List<Long> garbage = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      long anyInput = kept(garbage, Dnnl.anyLayout(inputExtents));
      long anyWeights = kept(garbage, Dnnl.anyLayout(weightExtents));
      long anyOutput = kept(garbage, Dnnl.anyLayout(outputExtents));
      long attributes = Dnnl.attributes(Dnnl.postOps());
      var window =
          new Dnnl.Window(pair(arena, s.stride()), pair(arena, 0), pair(arena, s.padding()));
      long forward = Dnnl.convolution(what, anyInput, anyWeights, anyOutput, window, attributes);
      long description =
          switch (kind) {
            case OUTPUT -> forward;
            case INPUT_GRADIENT ->
                Dnnl.convolutionBackwardInput(
                    what, anyInput, anyWeights, anyOutput, window, forward, attributes);
            case WEIGHT_GRADIENT ->
                Dnnl.convolutionBackwardWeights(
                    what, anyInput, anyWeights, anyOutput, window, forward, attributes);
          };
      boolean back = kind != Kind.OUTPUT;
      boolean toInput = kind == Kind.INPUT_GRADIENT;
      boolean toWeights = kind == Kind.WEIGHT_GRADIENT;
      long expectedInput =
          Dnnl.expected(description, toInput ? Dnnl.QUERY_SOURCE_GRADIENT : Dnnl.QUERY_SOURCE);
      long expectedWeights =
          Dnnl.expected(description, toWeights ? Dnnl.QUERY_WEIGHTS_GRADIENT : Dnnl.QUERY_WEIGHTS);
      long expectedOutput =
          Dnnl.expected(
              description, back ? Dnnl.QUERY_DESTINATION_GRADIENT : Dnnl.QUERY_DESTINATION);
      sides =
          List.of(
              side(inputExtents, expectedInput, toInput, attributes, what),
              side(weightExtents, expectedWeights, toWeights, attributes, what),
              side(outputExtents, expectedOutput, !back, attributes, what));
      result = toInput ? 0 : toWeights ? 1 : 2;
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

  /** Computes; all three in rows of pixels: (B, C, H, W), (O, C, k, k), (B, O, H', W'). */
  void run(Context context, long input, long weights, long output) {
    place(context, 0, input);
    place(context, 1, weights);
    place(context, 2, output);
    convolution.run(context);
    long address = result == 0 ? input : result == 1 ? weights : output;
    sides.get(result).after(context, address);
  }

  private void place(Context context, int slot, long address) {
    Side side = sides.get(slot);
    convolution.at(slot, slot == result ? side.target(address) : side.before(context, address));
  }

  /** Gives the native objects back. */
  void destroy() {
    convolution.destroy();
    for (Side side : sides) {
      if (side.reorder != null) {
        side.reorder.destroy();
      }
    }
  }

  private static Side side(
      long[] extents, long expected, boolean result, long attributes, String what) {
    long[] strides = new long[extents.length];
    long stride = 1;
    for (int axis = extents.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= extents[axis];
    }
    long plain = Dnnl.description(extents, strides);
    try {
      if (Dnnl.equal(plain, expected)) {
        return new Side(null, null);
      }
      long from = result ? expected : plain;
      long to = result ? plain : expected;
      Primitive reorder =
          new Primitive(
              "reorder for " + what,
              Dnnl.reorder("reorder for " + what, from, to, attributes),
              new Argument(Dnnl.ARG_SOURCE, from),
              new Argument(Dnnl.ARG_DESTINATION, to));
      return new Side(reorder, Arena.ofAuto().allocate(Dnnl.bytes(expected), LINE));
    } finally {
      Dnnl.destroyDescription(plain);
    }
  }

  private static long kept(List<Long> garbage, long description) {
    garbage.add(description);
    return description;
  }

  private static long pair(Arena arena, long value) {
    return arena.allocateFrom(ValueLayout.JAVA_LONG, value, value).address();
  }
}
