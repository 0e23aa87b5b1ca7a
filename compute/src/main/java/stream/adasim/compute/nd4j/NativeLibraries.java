package stream.adasim.compute.nd4j;

import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import stream.adasim.compute.ArtifactVersion;
import stream.adasim.compute.BackendException;

/** ND4J's libraries: how they are loaded, and what they are. */
final class NativeLibraries {
  // The pools of OpenMP and OpenBLAS belong to the process, not to an instance, and must not change
  // their size once they work: hence this one static.
  private static int processThreads;

  private NativeLibraries() {}

  /** Whether ND4J will compute on a GPU: its archive for that is on the class path. */
  static boolean forGpu() {
    String backend = "/org/nd4j/linalg/jcublas/JCublasBackend.class";
    return NativeLibraries.class.getResource(backend) != null;
  }

  /**
   * Loads the libraries with so many threads.
   *
   * @throws IllegalStateException if they already work with another number, or if the wrong BLAS
   *     was loaded
   * @throws BackendException if they are for GPUs and cannot run on the one that is here
   */
  static synchronized void load(int threads) {
    if (forGpu()) {
      Gpu.refusal()
          .ifPresent(
              why -> {
                throw new BackendException(why);
              });
    }
    int before = processThreads;
    if (before != 0 && before != threads) {
      throw new IllegalStateException(
          "threads="
              + threads
              + ", but this process already computes with "
              + before
              + ": give all services of one process the same number");
    }
    // Unless told otherwise: no banner of a dozen lines, and no limit on native memory derived from
    // the heap's (tensors live outside the heap; a 1 GB heap says nothing about them).
    System.getProperties().putIfAbsent("org.nd4j.log.initialization", "false");
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    if (before == 0) {
      processThreads = threads;
      Waiting.sleepBetweenOperations();
      Environment environment = Nd4j.getEnvironment();
      environment.setMaxThreads(threads);
      environment.setMaxMasterThreads(threads);
      nativeOps().setOmpNumThreads(threads);
      if (OpenBlas.loaded()) {
        OpenBlas.useThreads(threads);
      }
    }
    if (OpenBlas.loaded()) {
      OpenBlas.checkVersion();
    }
  }

  static String describe(int threads) {
    if (forGpu()) {
      return "nd4j-cuda-11.6 " + ArtifactVersion.of("org.nd4j", "nd4j-cuda-11.6");
    }
    return "nd4j-native "
        + ArtifactVersion.of("org.nd4j", "nd4j-native")
        + ", "
        + threads
        + (threads == 1 ? " thread, " : " threads, ")
        + instructions(nativeOps().binaryLevel())
        + " of "
        + instructions(nativeOps().optimalLevel())
        + ", "
        + (OpenBlas.loaded() ? OpenBlas.describe() : "no OpenBLAS");
  }

  private static String instructions(int level) {
    return switch (level) {
      case 0 -> "generic";
      case 1 -> "avx";
      case 2 -> "avx2";
      case 3 -> "avx512";
      default -> "level " + level;
    };
  }

  private static NativeOps nativeOps() {
    return NativeOpsHolder.getInstance().getDeviceNativeOps();
  }
}
