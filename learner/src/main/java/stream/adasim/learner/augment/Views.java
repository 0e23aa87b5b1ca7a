package stream.adasim.learner.augment;

import java.util.random.RandomGenerator;
import stream.adasim.learner.decode.RgbImage;

/**
 * Makes the square views that networks read. A view is planar: red, green, then blue, each size *
 * size values row by row, normalised; it is written to {@code out[offset .. offset + length())}.
 *
 * <p>The two training views are DINO's global views (Caron et al. 2021, main_dino.py: {@code
 * DataAugmentationDINO}) with torchvision's definitions of every operation, computed in float
 * without the rounding to 8 bits between operations that PIL does. Blur scales with the view: its
 * sigma is that of a view of 224 pixels times size / 224, and views of up to 32 pixels have none.
 *
 * <p>The same image and random numbers give the same view bit for bit. Holds scratch memory: one
 * instance per thread.
 */
public final class Views {
  private final int size;
  private final Resizer resizer;
  private final Colours colours;
  private final Blur blur;
  private final float[] mean;
  private final float[] scale;

  /**
   * @param size side of the views in pixels
   */
  public Views(int size, Normalisation normalisation) {
    if (size < 1 || size > 4096) {
      throw new IllegalArgumentException("size=%d must be within 1..4096".formatted(size));
    }
    this.size = size;
    resizer = new Resizer(size);
    colours = new Colours(size * size);
    blur = new Blur(size);
    mean =
        new float[] {normalisation.meanRed(), normalisation.meanGreen(), normalisation.meanBlue()};
    scale =
        new float[] {
          1 / normalisation.deviationRed(),
          1 / normalisation.deviationGreen(),
          1 / normalisation.deviationBlue()
        };
  }

  /** Floats of a view: 3 * size * size. */
  public int length() {
    return 3 * size * size;
  }

  /** The image itself: short side resized to size, the centre cut out. */
  public void clean(RgbImage image, float[] out, int offset) {
    resizer.centre(image, out, offset);
    normalise(out, offset);
  }

  /**
   * A weak view, for queries: crop, flip, brightness, contrast and saturation within a tenth.
   *
   * @param minArea share of the area that the smallest crop takes, above 0, at most 1
   */
  public void weak(
      RgbImage image, double minArea, RandomGenerator random, float[] out, int offset) {
    crop(image, minArea, 1, random, out, offset);
    colours.jitter(out, offset, 0.1, 0.1, 0.1, 0, random);
    normalise(out, offset);
  }

  /** DINO's first global view: crop of .4 to 1, flip, jitter, grey, blur. */
  public void first(RgbImage image, RandomGenerator random, float[] out, int offset) {
    strong(image, 0.4, 1, random, out, offset);
    blur.apply(out, offset, random);
    normalise(out, offset);
  }

  /**
   * DINO's local view, for an instance of a smaller size: crop of .05 to .4, flip, jitter, grey,
   * blurred one time in two.
   */
  public void local(RgbImage image, RandomGenerator random, float[] out, int offset) {
    strong(image, 0.05, 0.4, random, out, offset);
    if (random.nextDouble() < 0.5) {
      blur.apply(out, offset, random);
    }
    normalise(out, offset);
  }

  /**
   * DINO's second global view: as the first, but blurred one time in ten, and solarised in five.
   */
  public void second(RgbImage image, RandomGenerator random, float[] out, int offset) {
    strong(image, 0.4, 1, random, out, offset);
    if (random.nextDouble() < 0.1) {
      blur.apply(out, offset, random);
    }
    if (random.nextDouble() < 0.2) {
      colours.solarise(out, offset);
    }
    normalise(out, offset);
  }

  private void strong(
      RgbImage image,
      double minArea,
      double maxArea,
      RandomGenerator random,
      float[] out,
      int offset) {
    crop(image, minArea, maxArea, random, out, offset);
    if (random.nextDouble() < 0.8) {
      colours.jitter(out, offset, 0.4, 0.4, 0.2, 0.1, random);
    }
    if (random.nextDouble() < 0.2) {
      colours.grey(out, offset);
    }
  }

  private void crop(
      RgbImage image,
      double minArea,
      double maxArea,
      RandomGenerator random,
      float[] out,
      int offset) {
    var crop = Crop.random(image.width(), image.height(), minArea, maxArea, random);
    boolean flip = random.nextDouble() < 0.5;
    resizer.crop(image, crop, flip, out, offset);
  }

  private void normalise(float[] out, int offset) {
    int plane = size * size;
    for (int c = 0; c < 3; c++) {
      float m = mean[c];
      float s = scale[c];
      int start = offset + c * plane;
      for (int i = start; i < start + plane; i++) {
        out[i] = (out[i] - m) * s;
      }
    }
  }
}
