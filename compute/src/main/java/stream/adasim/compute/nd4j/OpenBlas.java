package stream.adasim.compute.nd4j;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** The OpenBLAS that was loaded into the process, asked through its C interface. */
@SuppressWarnings(
    "restricted") // its Java classes lack these functions, so they are called directly
final class OpenBlas {
  private static final long LONGEST_STRING = 1024;

  private OpenBlas() {}

  /** Whether the process has an OpenBLAS; a GPU backend has none. */
  static boolean loaded() {
    return symbol("openblas_get_config").isPresent();
  }

  /**
   * Checks that the loaded library is the one that the class path carries.
   *
   * @throws IllegalStateException if another one took its place: an old one does not know newer
   *     processors and falls back to code of 2007
   */
  static void checkVersion() {
    String expected = openblas_nolapack.OPENBLAS_VERSION.strip();
    String found = string("openblas_get_config");
    if (!found.startsWith(expected + " ")) {
      throw new IllegalStateException(
          "loaded BLAS is '"
              + found
              + "', expected "
              + expected
              + ": remove other OpenBLAS versions from the class path and from LD_PRELOAD");
    }
  }

  /** Version and build options, chosen kernel, and what in the environment steered the choice. */
  static String describe() {
    String steered =
        Stream.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS")
            .filter(name -> System.getenv(name) != null)
            .map(name -> ", " + name + "=" + System.getenv(name) + " from the environment")
            .collect(Collectors.joining());
    return string("openblas_get_config").strip()
        + ", kernel "
        + string("openblas_get_corename")
        + steered;
  }

  /** Sets the size of the pool where it differs. */
  static void useThreads(int threads) {
    try {
      int now = (int) handle("openblas_get_num_threads", ValueLayout.JAVA_INT).invokeExact();
      if (now != threads) {
        Linker.nativeLinker()
            .downcallHandle(
                address("openblas_set_num_threads"),
                FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT))
            .invokeExact(threads);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("OpenBLAS's thread count could not be set", e);
    }
  }

  private static String string(String function) {
    try {
      MemorySegment text = (MemorySegment) handle(function, ValueLayout.ADDRESS).invokeExact();
      return text.reinterpret(LONGEST_STRING).getString(0);
    } catch (Throwable e) {
      throw new IllegalStateException("OpenBLAS could not be asked for " + function, e);
    }
  }

  private static MethodHandle handle(String function, MemoryLayout result) {
    return Linker.nativeLinker().downcallHandle(address(function), FunctionDescriptor.of(result));
  }

  private static MemorySegment address(String function) {
    return MemorySegment.ofAddress(
        symbol(function)
            .orElseThrow(() -> new IllegalStateException("OpenBLAS lacks " + function))
            .address());
  }

  private static Optional<Pointer> symbol(String function) {
    return Optional.ofNullable(Loader.addressof(function));
  }
}
