package stream.adasim.learner.network;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a network looks like: a vision transformer (Dosovitskiy et al. 2021) over square RGB images
 * and DINO's projection head (Caron et al. 2021).
 *
 * @param imageSize side of the input in pixels
 * @param patchSize side of a patch in pixels; divides imageSize
 * @param dim width of a token and of the feature; a multiple of heads
 * @param depth number of blocks
 * @param heads attention heads of a block
 * @param mlpRatio width of a block's hidden layer, in dims
 * @param headHidden width of the projection head's two hidden layers
 * @param headBottleneck width of the unit vectors that the prototypes are compared with
 * @param prototypes number of logits, K
 */
public record Architecture(
    int imageSize,
    int patchSize,
    int dim,
    int depth,
    int heads,
    int mlpRatio,
    int headHidden,
    int headBottleneck,
    int prototypes) {
  /** Red, green, blue. */
  public static final int CHANNELS = 3;

  private static final String KIND = "vit";

  /**
   * @throws IllegalArgumentException if the numbers don't fit each other
   */
  public Architecture {
    positive("imageSize", imageSize);
    positive("patchSize", patchSize);
    positive("dim", dim);
    positive("depth", depth);
    positive("heads", heads);
    positive("mlpRatio", mlpRatio);
    positive("headHidden", headHidden);
    positive("headBottleneck", headBottleneck);
    positive("prototypes", prototypes);
    if (imageSize % patchSize != 0) {
      throw new IllegalArgumentException(
          "imageSize=" + imageSize + " must be a multiple of patchSize=" + patchSize);
    }
    if (dim % heads != 0) {
      throw new IllegalArgumentException("dim=" + dim + " must be a multiple of heads=" + heads);
    }
  }

  /**
   * An architecture of DINO's family by name: micro, for CPUs, tiny, small or base.
   *
   * @throws IllegalArgumentException if the name is unknown or the numbers don't fit each other
   */
  public static Architecture named(String name, int imageSize, int patchSize, int prototypes) {
    return switch (name) {
      case "micro" -> new Architecture(imageSize, patchSize, 96, 4, 3, 4, 512, 128, prototypes);
      case "tiny" -> new Architecture(imageSize, patchSize, 192, 12, 3, 4, 2048, 256, prototypes);
      case "small" -> new Architecture(imageSize, patchSize, 384, 12, 6, 4, 2048, 256, prototypes);
      case "base" -> new Architecture(imageSize, patchSize, 768, 12, 12, 4, 2048, 256, prototypes);
      default ->
          throw new IllegalArgumentException(
              "architecture=" + name + " must be one of micro, tiny, small, base");
    };
  }

  /**
   * The architecture that {@link #toMap} wrote.
   *
   * @throws IllegalArgumentException naming the entry that is missing, malformed or doesn't fit
   */
  public static Architecture of(Map<String, String> map) {
    if (!KIND.equals(map.get("kind"))) {
      throw new IllegalArgumentException(
          "architecture's kind=" + map.get("kind") + " must be " + KIND);
    }
    return new Architecture(
        number(map, "imageSize"),
        number(map, "patchSize"),
        number(map, "dim"),
        number(map, "depth"),
        number(map, "heads"),
        number(map, "mlpRatio"),
        number(map, "headHidden"),
        number(map, "headBottleneck"),
        number(map, "prototypes"));
  }

  /** All that {@link #of(Map)} needs to build an equal architecture. */
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<String, String>();
    map.put("kind", KIND);
    map.put("imageSize", Integer.toString(imageSize));
    map.put("patchSize", Integer.toString(patchSize));
    map.put("dim", Integer.toString(dim));
    map.put("depth", Integer.toString(depth));
    map.put("heads", Integer.toString(heads));
    map.put("mlpRatio", Integer.toString(mlpRatio));
    map.put("headHidden", Integer.toString(headHidden));
    map.put("headBottleneck", Integer.toString(headBottleneck));
    map.put("prototypes", Integer.toString(prototypes));
    return map;
  }

  /** Number of floats of one image: channels, rows, columns. */
  public int pixels() {
    return CHANNELS * imageSize * imageSize;
  }

  /** Number of patches that an image is cut into. */
  public int patches() {
    return (imageSize / patchSize) * (imageSize / patchSize);
  }

  /** Number of tokens of an image: the cls token and its patches. */
  public int tokens() {
    return 1 + patches();
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + "=" + value + " must be 1 or more");
    }
  }

  private static int number(Map<String, String> map, String name) {
    String value = map.get(name);
    if (value == null) {
      throw new IllegalArgumentException("architecture lacks " + name + "; found " + map.keySet());
    }
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "architecture's " + name + "=" + value + " must be a whole number", e);
    }
  }
}
