package stream.adasim.bench.step;

import java.util.List;
import picocli.CommandLine.Option;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.VitShape;

/** What is trained, and with how much: the options that every peer takes. */
final class StepShape {
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

  Architecture architecture() {
    return new Architecture(backbone(), hidden, bottleneck, prototypes);
  }

  private VitShape backbone() {
    return new VitShape(image, patch, dim, depth, heads, 4, 0);
  }

  List<String> arguments() {
    return List.of(
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
   * Floating-point operations of the products of one image's features: patches, blocks, attention;
   * behind the last attention the class token alone goes on.
   */
  double forward() {
    double tokens = backbone().tokens();
    double d = dim;
    double attention = 2 * tokens * d * 3 * d + 4 * tokens * tokens * d;
    double rest = 2 * (d * d + 8 * d * d); // per token
    return 2 * backbone().patches() * 3.0 * patch * patch * d
        + depth * attention
        + (depth - 1) * tokens * rest
        + rest;
  }

  /** Floating-point operations of the products of the head, for one feature. */
  double head() {
    return 2
        * ((double) dim * hidden
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
