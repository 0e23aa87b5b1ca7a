package stream.adasim.compute.onednn;

import stream.adasim.compute.Precision;

/** Asks for bfloat16 in a process of its own, whose instruction set is limited from outside. */
final class Bfloat16Start {
  private Bfloat16Start() {}

  /** Takes no arguments. */
  public static void main(String[] arguments) {
    try (OnednnKernels kernels = OnednnKernels.open(1, Precision.BF16)) {
      System.out.println(kernels.describe());
    }
  }
}
