package stream.adasim.learner.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.Backbone;
import stream.adasim.learner.network.BackboneShape;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.Pass;
import stream.adasim.learner.network.ResNetShape.Stem;
import stream.adasim.learner.safetensors.SafetensorsFile;

/** Whole networks against timm itself, where a Python with timm is at hand; see bench/peers. */
class TimmTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final String PYTHON = System.getenv().getOrDefault("ADASIM_PYTHON", "python3");

  @TempDir static Path folder;

  private static boolean timm;

  @BeforeAll
  static void lookForTimm() throws InterruptedException {
    timm = hasTimm();
  }

  /** Before each test and not before all: only so are they counted as skipped. */
  @BeforeEach
  void needsTimm() {
    assumeTrue(
        timm,
        "skipped: "
            + PYTHON
            + " has no timm; pip install torch timm safetensors, or set ADASIM_PYTHON");
  }

  private static boolean hasTimm() throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(PYTHON, "-c", "import timm, torch, safetensors")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(2, TimeUnit.MINUTES) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // there is no such program
    }
  }

  @Test
  void featuresEqualTimms() throws IOException, InterruptedException {
    Path models = folder.resolve("models");
    python(ROOT.resolve("bench/peers/weights.py"), "models", models.toString());
    try (var files = Files.list(models);
        Kernels kernels = Backends.open("auto", 1)) {
      List<Path> weights =
          files.filter(file -> !file.toString().contains("-features")).sorted().toList();
      assertThat(weights).hasSize(8);
      for (Path model : weights) {
        String name = model.getFileName().toString();
        Path features = models.resolve(name.replace(".safetensors", "-features.safetensors"));
        double apart = apart(kernels, model, features);
        System.out.printf("features of %s and timm's differ by %.1e%n", name, apart);
        assertThat(apart).as(name).isLessThan(1e-4);
      }
    }
  }

  private static double apart(Kernels kernels, Path model, Path features) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(features)) {
      var architecture = new Architecture(BackboneShape.of(file.metadata()), 8, 4, 4);
      float[] images = file.floats("images");
      float[] weights = WeightsImport.read(model, architecture, true, 0).weights();
      float[] found = embed(kernels, architecture, weights, images);
      float[] expected = file.floats("features");
      double[] exact = new double[expected.length];
      Arrays.setAll(exact, i -> expected[i]);
      return Fixture.apart(found, exact);
    }
  }

  @Test
  void timmLoadsOurExports() throws IOException, InterruptedException {
    for (Architecture architecture :
        List.of(
            Architecture.named("micro", 32, 8, 64),
            Architecture.named("micro", 40, 10, 3, Stem.CIFAR, 64),
            Architecture.named("resnet18", 32, 8, 64))) {
      float[] weights = new ParameterLayout(architecture).initialWeights(5);
      for (int i = 0; i < weights.length; i++) {
        weights[i] += 0.02f; // biases and statistics away from 0 and 1
      }
      Path file = folder.resolve("ours.safetensors");
      WeightsExport.write(file, new Model(architecture, "m", 1, 2, weights, null), true, false);
      String printed = python(ROOT.resolve("examples/python/load_timm.py"), file.toString());
      double[] expected =
          Arrays.stream(printed.strip().split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
      float[] image = new float[architecture.pixels()];
      for (int i = 0; i < image.length; i++) {
        image[i] = (float) (-2 + 4.0 * i / (image.length - 1));
      }
      try (Kernels kernels = Backends.open("auto", 1)) {
        double apart = Fixture.apart(embed(kernels, architecture, weights, image), expected);
        System.out.printf("%s in timm differs by %.1e%n", architecture.backbone(), apart);
        assertThat(apart).as(architecture.toString()).isLessThan(1e-4);
      }
    }
  }

  private static float[] embed(
      Kernels kernels, Architecture architecture, float[] weights, float[] images) {
    int batch = images.length / architecture.pixels();
    int side = architecture.imageSize();
    var layout = new ParameterLayout(architecture);
    Parameters parameters = Parameters.allocate(kernels, architecture, layout);
    parameters.flat().write(weights);
    Tensor tensor = kernels.allocate(batch, 3, side, side);
    tensor.write(images);
    return Backbone.forInference(kernels, architecture.backbone(), batch)
        .forward(parameters, tensor, batch, new Pass.Embed())
        .toArray();
  }

  private static String python(Path script, String... arguments)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    var command = new ArrayList<String>(List.of(PYTHON, script.toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectOutput(output.toFile());
    builder.redirectError(folder.resolve("errors.txt").toFile());
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1"); // nothing beside the scripts
    Process process = builder.start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ends within 5 minutes").isTrue();
    assertThat(process.exitValue())
        .as(Files.readString(folder.resolve("errors.txt"), StandardCharsets.UTF_8))
        .isZero();
    return Files.readString(output, StandardCharsets.UTF_8);
  }
}
