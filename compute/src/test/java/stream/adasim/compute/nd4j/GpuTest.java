package stream.adasim.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.compute.nd4j.Gpu.Device;

class GpuTest {
  @ParameterizedTest
  @CsvSource({
    "Tesla K80, 3, 7",
    "Tesla V100-SXM2-16GB, 7, 0",
    "NVIDIA A100-SXM4-80GB, 8, 0",
    "NVIDIA GeForce RTX 4090, 8, 9"
  })
  void acceptsWhatTheArtefactHoldsCodeFor(String name, int major, int minor) {
    assertThat(Gpu.refusal(new Device(name, major, minor, 12_040))).isEmpty();
    assertThat(Gpu.refusal(new Device(name, major, minor, 11_000))).isEmpty();
  }

  @Test
  void refusesAHopperByName() {
    assertThat(Gpu.refusal(new Device("NVIDIA H100 80GB HBM3", 9, 0, 12_080)))
        .contains(
            "nd4j-cuda-11.6 holds no code for the GPU NVIDIA H100 80GB HBM3: found compute capability 9.0, expected 3.7 to 8.9; set compute.backend=onednn to compute on the processor");
  }

  @ParameterizedTest
  @CsvSource({"NVIDIA B200, 10, 0", "NVIDIA GeForce RTX 5090, 12, 0", "Tesla K40, 3, 5"})
  void refusesWhatIsTooNewOrTooOld(String name, int major, int minor) {
    assertThat(Gpu.refusal(new Device(name, major, minor, 12_080)).orElseThrow())
        .contains(name, "found compute capability " + major + "." + minor);
  }

  @Test
  void refusesADriverThatIsTooOld() {
    assertThat(Gpu.refusal(new Device("Tesla V100-SXM2-16GB", 7, 0, 10_020)).orElseThrow())
        .contains("Tesla V100-SXM2-16GB", "found one for CUDA 10.2, expected 11.0 or newer");
  }

  @Test
  void saysWhatIsMissingWhereThereIsNoDriver() {
    assumeFalse(Files.exists(Path.of("/proc/driver/nvidia")), "this machine has an NVIDIA driver");
    assertThat(Gpu.refusal().orElseThrow())
        .startsWith("nd4j-cuda-11.6: found ")
        .endsWith("set compute.backend=onednn to compute on the processor");
  }
}
