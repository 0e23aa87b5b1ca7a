package stream.adasim.compute.nd4j;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** How OpenMP's threads wait for the next operation. */
final class Waiting {
  private Waiting() {}

  /**
   * Lets idle threads sleep unless the environment says otherwise. By default they spin, which
   * takes the processors from whatever else runs on the machine and made a step 5 times slower
   * beside other busy processes. OpenMP reads the variable once, when it is loaded: call this
   * before.
   */
  @SuppressWarnings("restricted") // Java cannot change its own process's environment
  static void sleepBetweenOperations() {
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
      MemorySegment name = arena.allocateFrom("OMP_WAIT_POLICY");
      int failed = (int) setenv.invokeExact(name, arena.allocateFrom("passive"), 0);
      if (failed != 0) {
        throw new IllegalStateException("OMP_WAIT_POLICY could not be set, set it outside");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("OMP_WAIT_POLICY could not be set, set it outside", e);
    }
  }
}
