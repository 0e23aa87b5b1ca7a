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

  /** {@link #open(String, int, Precision)} in float32. */
  public static Kernels open(String name, int threads) {
    return open(name, threads, Precision.FP32);
  }

  /**
   * Opens a backend.
   *
   * @param name {@code onednn}, {@code nd4j}, or {@code auto} for the fastest that runs on this
   *     machine
   * @param threads threads for the arithmetic, 0 for one per processor
   * @param precision of the products of linear layers; nd4j has float32 alone
   * @throws IllegalArgumentException if no backend has that name, or threads is negative
   * @throws IllegalStateException if the backend's libraries cannot serve (see the backend)
   */
  public static Kernels open(String name, int threads, Precision precision) {
    return switch (name) {
      case "auto" -> fastest(threads, precision);
      case "nd4j" -> nd4j(threads, precision);
      case "onednn" -> OnednnKernels.open(threads, precision);
      default ->
          throw new IllegalArgumentException(
              "compute backend="
                  + name
                  + " is unknown, expected one of "
                  + String.join(", ", NAMES));
    };
  }

  private static Kernels nd4j(int threads, Precision precision) {
    if (precision == Precision.BF16) {
      throw new BackendException(
          "compute.precision=bf16: backend nd4j computes in float32 alone; set compute.precision to"
              + " auto or fp32, or compute.backend=onednn");
    }
    return Nd4jKernels.open(threads);
  }

  private static Kernels fastest(int threads, Precision precision) {
    if (!OnednnKernels.available()) {
      return nd4j(threads, precision);
    }
    if (Nd4jKernels.forGpu()) {
      Optional<String> refusal = Nd4jKernels.gpuRefusal();
      if (refusal.isEmpty()) {
        return nd4j(threads, precision);
      }
      LOG.warn("backend=auto takes the processor: {}", refusal.get());
    }
    return OnednnKernels.open(threads, precision);
  }
}
