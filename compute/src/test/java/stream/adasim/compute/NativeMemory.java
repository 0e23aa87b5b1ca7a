package stream.adasim.compute;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What malloc has handed out to libraries and to Java code. The virtual machine's own share, of
 * which the compilers borrow and return tens of megabytes, is taken off: it needs {@code
 * -XX:NativeMemoryTracking=summary}.
 */
public final class NativeMemory {
  private static final int FIELDS = 10;
  private static final int MAPPED = 4; // hblkhd
  private static final int IN_USE = 7; // uordblks

  private static final Pattern TOTAL = Pattern.compile("Total:[^\\n]*\\n\\s*malloc: (\\d+)KB");

  /** Direct buffers and Unsafe: tracked by the virtual machine, but asked for by Java code. */
  private static final Pattern JAVA_CODE = Pattern.compile("- +Other \\(reserved=(\\d+)KB");

  private NativeMemory() {}

  /** Never too little: compilers that work meanwhile can only make it more. */
  public static long bytes() throws Throwable {
    long before = ownShare();
    long all = mallocated();
    return all - Math.min(before, ownShare());
  }

  @SuppressWarnings("restricted") // the only exact count: the JVM's own leaves libraries out
  private static long mallocated() throws Throwable {
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

  /** What the virtual machine has of it for itself. */
  private static long ownShare() throws JMException {
    String summary =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "vmNativeMemory",
                    new Object[] {new String[] {"summary"}},
                    new String[] {String[].class.getName()});
    Matcher total = TOTAL.matcher(summary);
    if (!total.find()) {
      throw new IllegalStateException(
          "expected -XX:NativeMemoryTracking=summary among the options of this JVM, found: "
              + summary);
    }
    Matcher javaCode = JAVA_CODE.matcher(summary);
    long kilobytes = Long.parseLong(total.group(1));
    return 1024 * (javaCode.find() ? kilobytes - Long.parseLong(javaCode.group(1)) : kilobytes);
  }
}
