package stream.adasim.compute.nd4j;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * How the threads of OpenMP and OpenBLAS wait for their next piece of work. Both spin by default,
 * each pool taking the processors from the other between two operations and from whatever else runs
 * on the machine: at [8320, 384] the GELU's backward took 450 ms instead of 44.
 */
@SuppressWarnings("restricted") // Java cannot change its own process's environment
final class Waiting {
  private Waiting() {}

  /**
   * Lets idle threads sleep, where the environment does not say otherwise. The libraries read it
   * once, when they are loaded: call this before.
   */
  static void sleepBetweenOperations() {
    setIfAbsent("OMP_WAIT_POLICY", "passive");
    setIfAbsent("OPENBLAS_THREAD_TIMEOUT", "4"); // spins for 2^4 cycles
  }

  private static void setIfAbsent(String name, String value) {
    Linker linker = Linker.nativeLinker();
    MethodHandle setenv =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int failed = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
      if (failed != 0) {
        throw new IllegalStateException(name + " could not be set, set it outside");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(name + " could not be set, set it outside", e);
    }
  }
}
