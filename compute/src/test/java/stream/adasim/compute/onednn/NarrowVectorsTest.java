package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.compute.Step;

/**
 * A processor with less: oneDNN's instruction sets and the vectors' width are limited, each way in
 * a process of its own, and every kernel must give what it gives here, up to rounding.
 */
class NarrowVectorsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"SSE41,16,128", "AVX2,32,256", "SSE41,8,64"})
  void everyKernelGivesTheSame(String instructions, int vectorBytes, int vectorBits)
      throws IOException, InterruptedException {
    Path results = folder.resolve("results");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:MaxVectorSize=" + vectorBytes,
            "-cp",
            System.getProperty("java.class.path"),
            NarrowStep.class.getName(),
            results.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ONEDNN_MAX_CPU_ISA", instructions);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("vectors of " + vectorBits + " bits");
    assertThat(said).contains(instructions.equals("AVX2") ? "avx2 (slower" : "no avx2 (slow)");

    try (OnednnKernels kernels = OnednnKernels.open(2);
        var in = new DataInputStream(Files.newInputStream(results))) {
      Step step = Step.wide(kernels, NarrowStep.SEED, NarrowStep.BATCH);
      step.reset();
      step.run();
      int number = 0;
      for (float[] expected : step.results()) {
        double scale = 1e-6;
        for (float value : expected) {
          scale = Math.max(scale, Math.abs(value));
        }
        for (float value : expected) {
          assertThat((double) in.readFloat())
              .as("tensor %s of %s", number, scale)
              .isEqualTo(value, within(1e-4 * scale));
        }
        number++;
      }
      assertThat(in.read()).isEqualTo(-1);
    }
  }
}
