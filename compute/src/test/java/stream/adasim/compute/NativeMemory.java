package stream.adasim.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What malloc has handed out in this process, asked of the C library. */
public final class NativeMemory {
  private static final int FIELDS = 10;
  private static final int MAPPED = 4; // hblkhd
  private static final int IN_USE = 7; // uordblks

  private NativeMemory() {}

  @SuppressWarnings("restricted") // the only exact count: the JVM's own leaves libraries out
  public static long bytes() throws Throwable {
    Linker linker = Linker.nativeLinker();
    MemoryLayout result =
        MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(FIELDS, ValueLayout.JAVA_LONG).withName("fields"));
    MethodHandle mallinfo =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(result));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment fields = (MemorySegment) mallinfo.invokeExact((SegmentAllocator) arena);
      return fields.getAtIndex(ValueLayout.JAVA_LONG, MAPPED)
          + fields.getAtIndex(ValueLayout.JAVA_LONG, IN_USE);
    }
  }
}
