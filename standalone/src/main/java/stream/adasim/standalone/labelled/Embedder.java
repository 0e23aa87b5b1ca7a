package stream.adasim.standalone.labelled;

import java.util.List;
import java.util.SplittableRandom;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.augment.Normalisation;
import stream.adasim.learner.augment.Views;
import stream.adasim.learner.decode.RgbImage;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;

/** Makes vectors of images: features of a network, or the pixels themselves. Not thread-safe. */
public final class Embedder {
  private static final int BATCH = 64;
  private static final int PIXEL_SIDE = 32;

  private final FeatureNetwork network;
  private final int dim;
  private final Views views;

  /** Writes what is seen of an image, (3, S, S), into {@code out} from {@code offset} on. */
  @FunctionalInterface
  public interface Look {
    void at(Views views, RgbImage image, float[] out, int offset);
  }

  /**
   * @param kernels the caller's to close
   */
  public Embedder(Kernels kernels, Architecture architecture) {
    network = new FeatureNetwork(kernels, architecture);
    dim = architecture.dim();
    views = new Views(architecture.imageSize(), Normalisation.IMAGENET);
  }

  /** Takes a whole network's weights. */
  public void load(float[] weights) {
    network.load(weights);
  }

  public int dim() {
    return dim;
  }

  /** Features of the images as they are, (n, D), each of length 1. */
  public float[] clean(List<Example> images) {
    return embed(images, Views::clean);
  }

  /**
   * Features of augmented views, the first or the second of training, (n, D), each of length 1.
   *
   * @param seed of the augmentations
   */
  public float[] augmented(List<Example> images, boolean first, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return embed(
        images,
        (from, image, out, offset) -> {
          if (first) {
            from.first(image, random.split(), out, offset);
          } else {
            from.second(image, random.split(), out, offset);
          }
        });
  }

  /** Features of what is seen of the images, (n, D), each of length 1. */
  public float[] embed(List<Example> images, Look look) {
    int n = images.size();
    float[] vectors = new float[n * dim];
    for (int start = 0; start < n; start += BATCH) {
      int count = Math.min(BATCH, n - start);
      float[] pixels = new float[count * views.length()];
      for (int i = 0; i < count; i++) {
        look.at(views, images.get(start + i).pixels(), pixels, i * views.length());
      }
      System.arraycopy(network.features(pixels, count), 0, vectors, start * dim, count * dim);
    }
    return vectors;
  }

  /** Length of the vectors of {@link #pixels}. */
  public static int pixelDim() {
    return 3 * PIXEL_SIDE * PIXEL_SIDE;
  }

  /**
   * The pixels themselves, brought to 32 x 32: what any representation has to beat.
   *
   * @param mean the image that is subtracted, as {@link #meanPixels} makes it
   * @return (n, 3072), each of length 1
   */
  public static float[] pixels(List<Example> images, float[] mean) {
    Views views = new Views(PIXEL_SIDE, Normalisation.IMAGENET);
    int length = views.length();
    float[] vectors = new float[images.size() * length];
    for (int i = 0; i < images.size(); i++) {
      views.clean(images.get(i).pixels(), vectors, i * length);
    }
    for (int row = 0; row < vectors.length; row += length) {
      double squares = 0;
      for (int d = 0; d < length; d++) {
        vectors[row + d] -= mean[d];
        squares += (double) vectors[row + d] * vectors[row + d];
      }
      double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
      for (int d = 0; d < length; d++) {
        vectors[row + d] = (float) (vectors[row + d] * scale);
      }
    }
    return vectors;
  }

  /** The mean image for {@link #pixels}. */
  public static float[] meanPixels(List<Example> images) {
    Views views = new Views(PIXEL_SIDE, Normalisation.IMAGENET);
    float[] vectors = new float[images.size() * views.length()];
    for (int i = 0; i < images.size(); i++) {
      views.clean(images.get(i).pixels(), vectors, i * views.length());
    }
    return mean(vectors, views.length());
  }

  private static float[] mean(float[] vectors, int length) {
    double[] sum = new double[length];
    for (int i = 0; i < vectors.length; i++) {
      sum[i % length] += vectors[i];
    }
    float[] mean = new float[length];
    int rows = Math.max(1, vectors.length / length);
    for (int d = 0; d < length; d++) {
      mean[d] = (float) (sum[d] / rows);
    }
    return mean;
  }
}
