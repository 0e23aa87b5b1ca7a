package stream.adasim.bench.search;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import stream.adasim.bench.InputException;
import stream.adasim.bench.Inputs;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.weights.Model;
import stream.adasim.standalone.labelled.Embedder;
import stream.adasim.standalone.labelled.ImageSet;

/**
 * What the learner makes of images at two moments of one training: features of their clean views,
 * the first version by the earlier model, the second by the later one.
 */
final class LearnedVectors implements VectorSource {
  private static final long SEED = 17;

  private final List<float[]> before; // n times (D)
  private final List<float[]> after; // n times (D)
  private final int dimension;

  /**
   * Vectors in the order of the rows.
   *
   * @param before n times (D)
   * @param after n times (D)
   */
  LearnedVectors(List<float[]> before, List<float[]> after) {
    this.before = before;
    this.after = after;
    this.dimension = before.getFirst().length;
  }

  /**
   * Embeds all images of all places, in a shuffled order that depends on their number alone.
   *
   * @param places as {@link ImageSet#read} takes them
   * @param models two safetensors files that tell their network, the earlier state first
   * @throws InputException where a file tells no network, or the files different ones
   * @throws stream.adasim.ingest.source.SourceException where a place holds no image
   * @throws stream.adasim.learner.safetensors.SafetensorsException where a file is damaged
   * @throws stream.adasim.learner.weights.WeightsException where its tensors don't fit its network
   */
  static LearnedVectors embed(List<String> places, List<Path> models, int threads)
      throws IOException {
    Model first = Inputs.model(models.getFirst(), SEED);
    Model second = Inputs.model(models.getLast(), SEED);
    requireSameNetwork(models, first, second);
    List<float[]> earlier = new ArrayList<>();
    List<float[]> later = new ArrayList<>();
    int dimension = first.architecture().dim();
    try (Kernels kernels = Backends.open("auto", threads)) {
      Embedder one = embedder(kernels, first);
      Embedder other = embedder(kernels, second);
      for (String place : places) {
        ImageSet set =
            ImageSet.read(
                place, Integer.MAX_VALUE, DecodeLimits.DEFAULT, first.architecture().imageSize());
        System.out.printf(
            Locale.ROOT,
            "%s: embedding %,d images (%d others cannot be decoded) at steps %d and %d%n",
            place,
            set.images().size(),
            set.unreadable(),
            first.step(),
            second.step());
        split(one.clean(set.images()), dimension, earlier);
        split(other.clean(set.images()), dimension, later);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "how far they moved: the cosine of an image's two vectors is %.3f on average%n",
        cosine(earlier, later));
    Collections.shuffle(earlier, new Random(SEED));
    Collections.shuffle(later, new Random(SEED));
    return new LearnedVectors(earlier, later);
  }

  private static double cosine(List<float[]> some, List<float[]> others) {
    double sum = 0;
    for (int i = 0; i < some.size(); i++) {
      float[] one = some.get(i);
      float[] other = others.get(i);
      double lengths = Truth.product(one, one) * Truth.product(other, other);
      sum += Truth.product(one, other) / Math.sqrt(lengths);
    }
    return sum / some.size();
  }

  private static void requireSameNetwork(List<Path> files, Model first, Model second) {
    if (!first.architecture().backbone().equals(second.architecture().backbone())) {
      throw new InputException(
          "%s has dimension %d (%s), %s has %d (%s): expected two states of one training"
              .formatted(
                  files.getFirst(),
                  first.architecture().dim(),
                  first.architecture().backbone(),
                  files.getLast(),
                  second.architecture().dim(),
                  second.architecture().backbone()));
    }
  }

  private static Embedder embedder(Kernels kernels, Model model) {
    Embedder embedder = new Embedder(kernels, model.architecture());
    embedder.load(model.teacher());
    return embedder;
  }

  private static void split(float[] vectors, int dimension, List<float[]> rows) {
    for (int at = 0; at < vectors.length; at += dimension) {
      rows.add(Arrays.copyOfRange(vectors, at, at + dimension));
    }
  }

  @Override
  public String toString() {
    return "learned";
  }

  @Override
  public List<Size> sizes(boolean quick) {
    return List.of(new Size(before.size(), dimension));
  }

  @Override
  public Size fit(Size asked) {
    if (asked.dimension() != 0 && asked.dimension() != dimension) {
      throw new InputException(
          "--sizes=%s: the models' dimension is %d; say %d"
              .formatted(asked, dimension, asked.rows()));
    }
    if (asked.rows() > before.size()) {
      throw new InputException(
          "--sizes=%s: --images has %d images, too few; expected %d or more"
              .formatted(asked, before.size(), asked.rows()));
    }
    return new Size(asked.rows(), dimension);
  }

  @Override
  public void write(Path folder, Size size) throws IOException {
    write(folder.resolve("0.f32"), before, size);
    write(folder.resolve("1.f32"), after, size);
  }

  private static void write(Path file, List<float[]> vectors, Size size) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      for (float[] vector : vectors.subList(0, size.rows())) {
        VectorSource.write(out, vector);
      }
    }
  }
}
