package stream.adasim.compute.onednn;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import stream.adasim.compute.Step;

/** Every kernel once, in a process of its own: prints what computes, and writes the results. */
final class NarrowStep {
  static final int SEED = 61;
  static final int BATCH = 7;

  private NarrowStep() {}

  /** Takes the file to write to. */
  public static void main(String[] arguments) throws IOException {
    try (OnednnKernels kernels = OnednnKernels.open(2);
        var out = new DataOutputStream(Files.newOutputStream(Path.of(arguments[0])))) {
      System.out.println(kernels.describe());
      Step step = Step.wide(kernels, SEED, BATCH);
      step.reset();
      step.run();
      for (float[] values : step.results()) {
        for (float value : values) {
          out.writeFloat(value);
        }
      }
    }
  }
}
