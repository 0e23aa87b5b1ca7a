package stream.adasim.compute.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The C functions of oneDNN 3 that this backend calls, by the names and numbers of its headers.
 * Pointers and handles are addresses. What creates something throws if it fails; what runs in a
 * step neither allocates nor boxes.
 */
@SuppressWarnings("restricted") // calling C is what this class is for
final class Dnnl {
  static final int BFLOAT16 = 2;
  static final int FLOAT32 = 3;
  static final int INT8 = 5;
  static final int UINT8 = 6;
  static final int FORMAT_ANY = 1;
  static final int FORWARD_TRAINING = 64;
  static final int CONVOLUTION_DIRECT = 1;
  static final int BINARY_ADD = 0x1fff0;

  static final int QUERY_SOURCE = 129;
  static final int QUERY_SOURCE_GRADIENT = 130;
  static final int QUERY_WEIGHTS = 131;
  static final int QUERY_WEIGHTS_GRADIENT = 132;
  static final int QUERY_DESTINATION = 133;
  static final int QUERY_DESTINATION_GRADIENT = 134;
  static final int QUERY_SCRATCHPAD = 136;

  static final int ARG_SOURCE = 1;
  static final int ARG_SOURCE_1 = 2;
  static final int ARG_DESTINATION = 17;
  static final int ARG_WEIGHTS = 33;
  static final int ARG_BIAS = 41;
  static final int ARG_SCRATCHPAD = 80;
  static final int ARG_SOURCE_GRADIENT = 129;
  static final int ARG_DESTINATION_GRADIENT = 145;
  static final int ARG_WEIGHTS_GRADIENT = 161;
  static final int ARG_POST_OP = 32768;

  private static final int SCRATCHPAD_OF_THE_USER = 1;
  private static final int CPU = 1;
  private static final int IN_ORDER = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBRARY = NativeLibrary.load();

  // p: pointer or handle, i: int, f: float, q: 64-bit int
  private static final MethodHandle ENGINE = bind("dnnl_engine_create", "pip");
  private static final MethodHandle STREAM = bind("dnnl_stream_create", "ppi");
  private static final MethodHandle STREAM_DESTROY = bind("dnnl_stream_destroy", "p");
  private static final MethodHandle WITH_STRIDES =
      bind("dnnl_memory_desc_create_with_strides", "pipip");
  private static final MethodHandle WITH_TAG = bind("dnnl_memory_desc_create_with_tag", "pipii");
  private static final MethodHandle DESC_CLONE = bind("dnnl_memory_desc_clone", "pp");
  private static final MethodHandle DESC_DESTROY = bind("dnnl_memory_desc_destroy", "p");
  private static final MethodHandle DESC_EQUAL = bind("dnnl_memory_desc_equal", "pp");
  private static final MethodHandle DESC_SIZE = bind("dnnl_memory_desc_get_size", "q", "p");
  private static final MethodHandle ATTRIBUTES = bind("dnnl_primitive_attr_create", "p");
  private static final MethodHandle ATTRIBUTES_DESTROY = bind("dnnl_primitive_attr_destroy", "p");
  private static final MethodHandle SCRATCHPAD =
      bind("dnnl_primitive_attr_set_scratchpad_mode", "pi");
  private static final MethodHandle POST_OPS = bind("dnnl_post_ops_create", "p");
  private static final MethodHandle POST_OPS_DESTROY = bind("dnnl_post_ops_destroy", "p");
  private static final MethodHandle APPEND_SUM = bind("dnnl_post_ops_append_sum", "pfii");
  private static final MethodHandle APPEND_BINARY = bind("dnnl_post_ops_append_binary", "pip");
  private static final MethodHandle SET_POST_OPS = bind("dnnl_primitive_attr_set_post_ops", "pp");
  private static final MethodHandle MATMUL = bind("dnnl_matmul_primitive_desc_create", "ppppppp");
  private static final MethodHandle REORDER = bind("dnnl_reorder_primitive_desc_create", "pppppp");
  private static final MethodHandle CONVOLUTION =
      bind("dnnl_convolution_forward_primitive_desc_create", "ppiippppppppp");
  private static final MethodHandle CONVOLUTION_INPUT =
      bind("dnnl_convolution_backward_data_primitive_desc_create", "ppipppppppp" + "p");
  private static final MethodHandle CONVOLUTION_WEIGHTS =
      bind("dnnl_convolution_backward_weights_primitive_desc_create", "ppippppppppp" + "p");
  private static final MethodHandle QUERY_DESC = bind("dnnl_primitive_desc_query_md", "p", "pii");
  private static final MethodHandle DESCRIPTION_DESTROY = bind("dnnl_primitive_desc_destroy", "p");
  private static final MethodHandle PRIMITIVE = bind("dnnl_primitive_create", "pp");
  private static final MethodHandle PRIMITIVE_DESTROY = bind("dnnl_primitive_destroy", "p");
  private static final MethodHandle MEMORY = bind("dnnl_memory_create", "pppp");
  private static final MethodHandle MEMORY_DESTROY = bind("dnnl_memory_destroy", "p");
  private static final MethodHandle SET_HANDLE = bind("dnnl_memory_set_data_handle", "pp");
  private static final MethodHandle EXECUTE = bind("dnnl_primitive_execute", "ppip");
  private static final MethodHandle INSTRUCTIONS = bind("dnnl_get_effective_cpu_isa", "");
  private static final MethodHandle OMP_THREADS = bind("omp_set_num_threads", "", "i");

  private static final long ENGINE_HANDLE = create("engine", ENGINE, CPU, 0L);

  private Dnnl() {}

  static long stream() {
    return create("stream", STREAM, ENGINE_HANDLE, IN_ORDER);
  }

  /** A descriptor of float memory with strides in elements, the first axis first. */
  static long description(long[] extents, long[] strides) {
    return description(extents, strides, FLOAT32);
  }

  /** A descriptor of memory of a type, with strides in elements. */
  static long description(long[] extents, long[] strides, int type) {
    try (Arena arena = Arena.ofConfined()) {
      return create(
          "memory description",
          WITH_STRIDES,
          extents.length,
          longs(arena, extents),
          type,
          longs(arena, strides));
    }
  }

  /** A descriptor of float memory in whatever layout the primitive finds best. */
  static long anyLayout(long[] extents) {
    return anyLayout(extents, FLOAT32);
  }

  /** The same of memory of a type. */
  static long anyLayout(long[] extents, int type) {
    try (Arena arena = Arena.ofConfined()) {
      return create(
          "memory description", WITH_TAG, extents.length, longs(arena, extents), type, FORMAT_ANY);
    }
  }

  /** Another descriptor of the same. */
  static long copy(long description) {
    return create("memory description", DESC_CLONE, description);
  }

  static boolean equal(long description, long other) {
    return (int) call(DESC_EQUAL, description, other) == 1;
  }

  /** Bytes of memory so described. */
  static long bytes(long description) {
    return (long) call(DESC_SIZE, description);
  }

  /** Attributes with a scratchpad of the caller's and these post-operations, which are consumed. */
  static long attributes(long postOps) {
    long attributes = create("attributes", ATTRIBUTES);
    check("attributes", (int) call(SCRATCHPAD, attributes, SCRATCHPAD_OF_THE_USER));
    check("attributes", (int) call(SET_POST_OPS, attributes, postOps));
    call(POST_OPS_DESTROY, postOps);
    return attributes;
  }

  static long postOps() {
    return create("post-operations", POST_OPS);
  }

  /** The result is added to what was there. */
  static void appendSum(long postOps) {
    check("sum", (int) call(APPEND_SUM, postOps, 1f, 0, 0));
  }

  static void appendBinary(long postOps, int algorithm, long description) {
    check("binary", (int) call(APPEND_BINARY, postOps, algorithm, description));
  }

  static long matmul(String what, long source, long weights, long bias, long out, long attributes) {
    return create(what, MATMUL, ENGINE_HANDLE, source, weights, bias, out, attributes);
  }

  static long reorder(String what, long from, long to, long attributes) {
    return create(what, REORDER, from, ENGINE_HANDLE, to, ENGINE_HANDLE, attributes);
  }

  /** Strides, then dilations, then padding before and after, as addresses of two numbers each. */
  record Window(long strides, long dilations, long padding) {}

  static long convolution(
      String what, long source, long weights, long out, Window w, long attributes) {
    return create(
        what,
        CONVOLUTION,
        ENGINE_HANDLE,
        FORWARD_TRAINING,
        CONVOLUTION_DIRECT,
        source,
        weights,
        0L,
        out,
        w.strides,
        w.dilations,
        w.padding,
        w.padding,
        attributes);
  }

  static long convolutionBackwardInput(
      String what,
      long sourceGradient,
      long weights,
      long outGradient,
      Window w,
      long forward,
      long attributes) {
    return create(
        what,
        CONVOLUTION_INPUT,
        ENGINE_HANDLE,
        CONVOLUTION_DIRECT,
        sourceGradient,
        weights,
        outGradient,
        w.strides,
        w.dilations,
        w.padding,
        w.padding,
        forward,
        attributes);
  }

  static long convolutionBackwardWeights(
      String what,
      long source,
      long weightsGradient,
      long outGradient,
      Window w,
      long forward,
      long attributes) {
    return create(
        what,
        CONVOLUTION_WEIGHTS,
        ENGINE_HANDLE,
        CONVOLUTION_DIRECT,
        source,
        weightsGradient,
        0L,
        outGradient,
        w.strides,
        w.dilations,
        w.padding,
        w.padding,
        forward,
        attributes);
  }

  /**
   * The memory that a described primitive expects for one of its arguments; not to be destroyed.
   */
  static long expected(long description, int query) {
    return (long) call(QUERY_DESC, description, query, 0);
  }

  /** A primitive; the description is consumed. */
  static long primitive(String what, long description) {
    long primitive = create(what, PRIMITIVE, description);
    call(DESCRIPTION_DESTROY, description);
    return primitive;
  }

  /** A memory object whose address is set before each use. */
  static long memory(String what, long description) {
    return create(what, MEMORY, description, ENGINE_HANDLE, 0L);
  }

  static void destroyStream(long stream) {
    call(STREAM_DESTROY, stream);
  }

  static void destroyDescription(long description) {
    call(DESC_DESTROY, description);
  }

  static void destroyAttributes(long attributes) {
    call(ATTRIBUTES_DESTROY, attributes);
  }

  static void destroyPrimitiveDescription(long description) {
    call(DESCRIPTION_DESTROY, description);
  }

  static void destroyPrimitive(long primitive) {
    call(PRIMITIVE_DESTROY, primitive);
  }

  static void destroyMemory(long memory) {
    call(MEMORY_DESTROY, memory);
  }

  static void setAddress(long memory, long address) {
    try {
      int status = (int) SET_HANDLE.invokeExact(memory, address);
      if (status != 0) {
        throw new DnnlException("set memory", status);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Runs a primitive; arguments are pairs of number and memory, 16 bytes each. */
  static int execute(long primitive, long stream, int count, long arguments) {
    try {
      return (int) EXECUTE.invokeExact(primitive, stream, count, arguments);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** How many OpenMP threads serve primitives that the calling thread creates and runs. */
  static void useThreads(int threads) {
    try {
      OMP_THREADS.invokeExact(threads); // before and after every split of work
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Bits of the instruction sets that oneDNN will use on this processor. */
  static int instructions() {
    return (int) call(INSTRUCTIONS);
  }

  private static long longs(Arena arena, long[] values) {
    return arena.allocateFrom(ValueLayout.JAVA_LONG, values).address();
  }

  /** Calls a function whose first argument is where the handle goes. */
  private static long create(String what, MethodHandle function, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(ValueLayout.JAVA_LONG);
      Object[] all = new Object[arguments.length + 1];
      all[0] = handle.address();
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      check(what, (int) call(function, all));
      return handle.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  private static Object call(MethodHandle function, Object... arguments) {
    try {
      Object result = function.invokeWithArguments(arguments);
      return result == null ? 0 : result;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static void check(String what, int status) {
    if (status != 0) {
      throw new DnnlException(what, status);
    }
  }

  private static RuntimeException unexpected(Throwable e) {
    return switch (e) {
      case RuntimeException own -> own;
      case Error error -> throw error;
      default -> new IllegalStateException("a call of oneDNN failed in Java", e);
    };
  }

  private static MethodHandle bind(String name, String arguments) {
    return bind(name, "i", arguments);
  }

  private static MethodHandle bind(String name, String result, String arguments) {
    MemoryLayout[] layouts = arguments.chars().mapToObj(Dnnl::layout).toArray(MemoryLayout[]::new);
    return LINKER.downcallHandle(
        LIBRARY.findOrThrow(name),
        result.isEmpty()
            ? FunctionDescriptor.ofVoid(layouts)
            : FunctionDescriptor.of(layout(result.charAt(0)), layouts));
  }

  private static MemoryLayout layout(int letter) {
    return switch (letter) {
      case 'i' -> ValueLayout.JAVA_INT;
      case 'f' -> ValueLayout.JAVA_FLOAT;
      default -> ValueLayout.JAVA_LONG;
    };
  }
}
