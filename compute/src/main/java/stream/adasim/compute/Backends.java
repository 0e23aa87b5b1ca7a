package stream.adasim.compute;

import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.nd4j.Nd4jKernels;
import stream.adasim.compute.onednn.OnednnKernels;

/** Where backends are chosen by name; the only place that knows all of them. */
public final class Backends {
  /** What {@link #open} knows. */
  public static final List<String> NAMES = List.of("auto", "onednn", "nd4j");

  private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

  private Backends() {}

  /**
   * Opens a backend.
   *
   * @param name {@code onednn}, {@code nd4j}, or {@code auto} for the fastest that runs on this
   *     machine
   * @param threads threads for the arithmetic, 0 for one per processor
   * @throws IllegalArgumentException if no backend has that name, or threads is negative
   * @throws IllegalStateException if the backend's libraries cannot serve (see the backend)
   */
  public static Kernels open(String name, int threads) {
    return switch (name) {
      case "auto" -> fastest(threads);
      case "nd4j" -> Nd4jKernels.open(threads);
      case "onednn" -> OnednnKernels.open(threads);
      default ->
          throw new IllegalArgumentException(
              "compute backend="
                  + name
                  + " is unknown, expected one of "
                  + String.join(", ", NAMES));
    };
  }

  private static Kernels fastest(int threads) {
    if (!OnednnKernels.available()) {
      return Nd4jKernels.open(threads);
    }
    if (Nd4jKernels.forGpu()) {
      Optional<String> refusal = Nd4jKernels.gpuRefusal();
      if (refusal.isEmpty()) {
        return Nd4jKernels.open(threads);
      }
      LOG.warn("backend=auto takes the processor: {}", refusal.get());
    }
    return OnednnKernels.open(threads);
  }
}
