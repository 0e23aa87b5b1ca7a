package stream.adasim.bench.step;

import java.util.List;
import picocli.CommandLine.Option;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.BackboneShape;
import stream.adasim.learner.network.VitShape;

/** What is trained, and with how much: the options that every peer takes. */
final class StepShape {
  @Option(names = "--network", description = "vit, or resnet18 with the stem for small images.")
  String network = "vit";

  @Option(names = "--image")
  int image = 32;

  @Option(names = "--patch")
  int patch = 4;

  @Option(names = "--dim")
  int dim = 192;

  @Option(names = "--depth")
  int depth = 6;

  @Option(names = "--heads")
  int heads = 3;

  @Option(names = "--hidden")
  int hidden = 2048;

  @Option(names = "--bottleneck")
  int bottleneck = 256;

  @Option(names = "--prototypes")
  int prototypes = 4096;

  @Option(names = "--pairs")
  int pairs = 64;

  @Option(names = "--threads")
  int threads = 2;

  @Option(names = "--our-precision", description = "auto, fp32 or bf16, of our products.")
  String precision = "auto";

  Architecture architecture() {
    BackboneShape backbone =
        switch (network) {
          case "vit" -> new VitShape(image, patch, dim, depth, heads, 4, 0);
          case "resnet18" -> Architecture.named("resnet18", image, patch, prototypes).backbone();
          default ->
              throw new IllegalArgumentException("network=" + network + " must be vit or resnet18");
        };
    return new Architecture(backbone, hidden, bottleneck, prototypes);
  }

  List<String> arguments() {
    return List.of(
        "--network=" + network,
        "--image=" + image,
        "--patch=" + patch,
        "--dim=" + dim,
        "--depth=" + depth,
        "--heads=" + heads,
        "--hidden=" + hidden,
        "--bottleneck=" + bottleneck,
        "--prototypes=" + prototypes,
        "--pairs=" + pairs,
        "--threads=" + threads);
  }

  /**
   * Floating-point operations of the products or convolutions of one image's features. Of a
   * transformer: patches, blocks, attention; behind the last attention the class token alone goes
   * on.
   */
  double forward() {
    if (network.equals("resnet18")) {
      return residual();
    }
    int across = image / patch;
    double patches = (double) across * across;
    double tokens = 1 + patches;
    double d = dim;
    double attention = 2 * tokens * d * 3 * d + 4 * tokens * tokens * d;
    double rest = 2 * (d * d + 8 * d * d); // per token
    return 2 * patches * 3 * patch * patch * d
        + depth * attention
        + (depth - 1) * tokens * rest
        + rest;
  }

  /** ResNet-18: a stem, and four stages of two blocks of two 3x3 convolutions. */
  private double residual() {
    double pixels = (double) image * image;
    double sum = 2 * 9 * 3 * 64 * pixels;
    double in = 64;
    for (double out = 64; out <= 512; out *= 2) {
      pixels /= out == 64 ? 1 : 4;
      sum += 2 * 9 * (in * out + 3 * out * out) * pixels + (in == out ? 0 : 2 * in * out * pixels);
      in = out;
    }
    return sum;
  }

  /** Floating-point operations of the products of the head, for one feature. */
  double head() {
    return 2
        * ((double) architecture().dim() * hidden
            + (double) hidden * hidden
            + (double) hidden * bottleneck
            + (double) bottleneck * prototypes);
  }

  /** Of a step: the teacher's forward, the student's, and twice as much backward. */
  double step() {
    return 2.0 * pairs * 4 * (forward() + head());
  }

  /** Of the embedding of as many images as a step has. */
  double embedding() {
    return 2.0 * pairs * forward();
  }
}
