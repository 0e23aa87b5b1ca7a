package stream.adasim.bench.parity;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.PrototypeHead;
import stream.adasim.learner.network.VitShape;

/** What {@code bench/peers/parity.py} made of a folder. */
final class PyTorchRun {
  private final double[] losses;
  private final float[] features;

  private PyTorchRun(double[] losses, float[] features) {
    this.losses = losses;
    this.features = features;
  }

  /**
   * Runs it.
   *
   * @throws IOException if it fails; what it said is on standard error
   */
  static PyTorchRun run(
      String python, Path folder, Architecture architecture, int pairs, int threads)
      throws IOException, InterruptedException {
    if (!(architecture.backbone() instanceof VitShape vit)
        || !(architecture.head() instanceof PrototypeHead head)) {
      throw new IllegalArgumentException(architecture + " must be a transformer with prototypes");
    }
    Process process =
        new ProcessBuilder(
                python,
                "bench/peers/parity.py",
                folder.toString(),
                "--network=vit",
                "--image=" + vit.imageSize(),
                "--patch=" + vit.patchSize(),
                "--dim=" + vit.dim(),
                "--depth=" + vit.depth(),
                "--heads=" + vit.heads(),
                "--hidden=" + head.hidden(),
                "--bottleneck=" + head.bottleneck(),
                "--prototypes=" + head.prototypes(),
                "--pairs=" + pairs,
                "--threads=" + threads)
            .inheritIO()
            .start();
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException("bench/peers/parity.py ended with " + code + "; what it said is above");
    }
    List<String> lines = Files.readAllLines(folder.resolve("losses.txt"));
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(folder.resolve("features.f32")))
            .order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer floats = bytes.asFloatBuffer();
    float[] features = new float[floats.remaining()];
    floats.get(features);
    return new PyTorchRun(lines.stream().mapToDouble(Double::parseDouble).toArray(), features);
  }

  double[] losses() {
    return losses.clone();
  }

  /** Unit features of the images that were written, from one number of floats on. */
  float[] features(int from) {
    return features(from, features.length);
  }

  float[] features(int from, int to) {
    return Arrays.copyOfRange(features, from, to);
  }
}
