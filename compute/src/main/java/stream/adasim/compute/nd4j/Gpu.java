package stream.adasim.compute.nd4j;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Arrays;
import java.util.Optional;

/**
 * Whether the first GPU can run {@code nd4j-cuda-11.6}, asked of its driver before ND4J is loaded:
 * on one that the artefact has no machine code for, ND4J fails inside the driver and names neither.
 */
final class Gpu {
  /** Machine code in the artefact is for these compute capabilities; it holds no PTX to compile. */
  private static final int OLDEST = 37;

  private static final int NEWEST = 89;

  /** CUDA 11's drivers run all of 11.x (minor version compatibility); in the driver's numbering. */
  private static final int OLDEST_DRIVER = 11_000;

  private static final String DRIVER = "libcuda.so.1";
  private static final int CAPABILITY_MAJOR = 75;
  private static final int CAPABILITY_MINOR = 76;
  private static final int NAME_BYTES = 256;

  private static final String INSTEAD = "set compute.backend=onednn to compute on the processor";

  private Gpu() {}

  /** What a driver says of its first device. */
  record Device(String name, int major, int minor, int driver) {}

  /** Why the artefact cannot run here, and what to do; empty where it can. */
  static Optional<String> refusal() {
    try (Arena arena = Arena.ofConfined()) {
      return new Driver(arena).first().map(Gpu::refusal).orElse(Optional.of(noDevice("no GPU")));
    } catch (DriverException e) {
      return Optional.of(noDevice(e.found));
    }
  }

  private static String noDevice(String found) {
    return "nd4j-cuda-11.6: found %s, expected an NVIDIA GPU of compute capability %s to %s and its driver; %s"
        .formatted(found, capability(OLDEST), capability(NEWEST), INSTEAD);
  }

  /** Why the artefact cannot run on a device; empty where it can. */
  static Optional<String> refusal(Device device) {
    int found = 10 * device.major + device.minor;
    if (found < OLDEST || found > NEWEST) {
      return Optional.of(
          "nd4j-cuda-11.6 holds no code for the GPU %s: found compute capability %s, expected %s to %s; %s"
              .formatted(
                  device.name, capability(found), capability(OLDEST), capability(NEWEST), INSTEAD));
    }
    if (device.driver < OLDEST_DRIVER) {
      return Optional.of(
          "nd4j-cuda-11.6 cannot run with the driver of the GPU %s: found one for CUDA %s, expected %s or newer; update the driver, or %s"
              .formatted(device.name, version(device.driver), version(OLDEST_DRIVER), INSTEAD));
    }
    return Optional.empty();
  }

  private static String capability(int number) {
    return number / 10 + "." + number % 10;
  }

  private static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }

  /** A call to the driver that failed, or a driver that isn't there. */
  private static final class DriverException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String found;

    DriverException(String found) {
      super(found);
      this.found = found;
    }
  }

  /** The few functions of the CUDA driver that answer this. */
  @SuppressWarnings("restricted") // asking the driver is what this class is for
  private static final class Driver {
    private final Arena arena;
    private final SymbolLookup library;
    private final MemorySegment answer;

    Driver(Arena arena) throws DriverException {
      this.arena = arena;
      try {
        library = SymbolLookup.libraryLookup(DRIVER, arena);
      } catch (IllegalArgumentException e) {
        throw new DriverException("no " + DRIVER + " (the NVIDIA driver)");
      }
      answer = arena.allocate(JAVA_INT);
    }

    Optional<Device> first() throws DriverException {
      call("cuInit", 0);
      call("cuDeviceGetCount", answer);
      if (answer.get(JAVA_INT, 0) == 0) {
        return Optional.empty();
      }
      call("cuDeviceGet", answer, 0);
      int device = answer.get(JAVA_INT, 0);
      MemorySegment name = arena.allocate(NAME_BYTES);
      call("cuDeviceGetName", name, NAME_BYTES, device);
      call("cuDriverGetVersion", answer);
      int driver = answer.get(JAVA_INT, 0);
      return Optional.of(
          new Device(
              name.getString(0),
              attribute(CAPABILITY_MAJOR, device),
              attribute(CAPABILITY_MINOR, device),
              driver));
    }

    private int attribute(int attribute, int device) throws DriverException {
      call("cuDeviceGetAttribute", answer, attribute, device);
      return answer.get(JAVA_INT, 0);
    }

    private void call(String function, Object... arguments) throws DriverException {
      MemorySegment symbol =
          library
              .find(function)
              .orElseThrow(() -> new DriverException(DRIVER + " without " + function));
      var layouts =
          Arrays.stream(arguments)
              .map(argument -> argument instanceof MemorySegment ? ADDRESS : JAVA_INT)
              .toArray(java.lang.foreign.MemoryLayout[]::new);
      int status;
      try {
        status =
            (int)
                Linker.nativeLinker()
                    .downcallHandle(symbol, FunctionDescriptor.of(JAVA_INT, layouts))
                    .invokeWithArguments(arguments);
      } catch (Throwable e) {
        throw new IllegalStateException("calling " + function + " of " + DRIVER + " failed", e);
      }
      if (status != 0) {
        throw new DriverException(
            "a driver whose %s failed with CUDA error %d".formatted(function, status));
      }
    }
  }
}
