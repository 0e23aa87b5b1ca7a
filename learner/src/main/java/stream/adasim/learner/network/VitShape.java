package stream.adasim.learner.network;

import static stream.adasim.learner.network.Numbers.number;
import static stream.adasim.learner.network.Numbers.positive;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A vision transformer (Dosovitskiy et al. 2021), with registers where asked (Darcet et al. 2024).
 *
 * @param imageSize side of the input in pixels
 * @param patchSize side of a patch in pixels; divides imageSize
 * @param dim width of a token and of the feature; a multiple of heads
 * @param depth number of blocks
 * @param heads attention heads of a block
 * @param mlpRatio width of a block's hidden layer, in dims
 * @param registers tokens that belong to no patch and that no feature is read from
 */
public record VitShape(
    int imageSize, int patchSize, int dim, int depth, int heads, int mlpRatio, int registers)
    implements BackboneShape {
  static final String KIND = "vit";

  /**
   * @throws IllegalArgumentException if the numbers don't fit each other
   */
  public VitShape {
    positive("imageSize", imageSize);
    positive("patchSize", patchSize);
    positive("dim", dim);
    positive("depth", depth);
    positive("heads", heads);
    positive("mlpRatio", mlpRatio);
    if (registers < 0) {
      throw new IllegalArgumentException("registers=" + registers + " must be 0 or more");
    }
    if (imageSize % patchSize != 0) {
      int below = imageSize / patchSize * patchSize;
      throw new IllegalArgumentException(
          "imageSize="
              + imageSize
              + " must be a multiple of patchSize="
              + patchSize
              + ", such as "
              + (below > 0 ? below + " or " : "")
              + (below + patchSize));
    }
    if (dim % heads != 0) {
      throw new IllegalArgumentException("dim=" + dim + " must be a multiple of heads=" + heads);
    }
  }

  static VitShape of(Map<String, String> map) {
    return new VitShape(
        number(map, "imageSize"),
        number(map, "patchSize"),
        number(map, "dim"),
        number(map, "depth"),
        number(map, "heads"),
        number(map, "mlpRatio"),
        map.containsKey("registers") ? number(map, "registers") : 0);
  }

  /** Names registers only where there are any, as checkpoints from before there were do. */
  @Override
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<String, String>();
    map.put("kind", KIND);
    map.put("imageSize", Integer.toString(imageSize));
    map.put("patchSize", Integer.toString(patchSize));
    map.put("dim", Integer.toString(dim));
    map.put("depth", Integer.toString(depth));
    map.put("heads", Integer.toString(heads));
    map.put("mlpRatio", Integer.toString(mlpRatio));
    if (registers > 0) {
      map.put("registers", Integer.toString(registers));
    }
    return map;
  }

  @Override
  public VitShape withImageSize(int side) {
    return new VitShape(side, patchSize, dim, depth, heads, mlpRatio, registers);
  }

  @Override
  public boolean couplesImages() {
    return false;
  }

  /** Number of patches that an image is cut into. */
  public int patches() {
    return (imageSize / patchSize) * (imageSize / patchSize);
  }

  /** Number of tokens of an image: the cls token, the registers and the patches. */
  public int tokens() {
    return 1 + registers + patches();
  }

  /** Width of a block's hidden layer. */
  int hidden() {
    return mlpRatio * dim;
  }

  /** Floats of a patch: channels, rows, columns. */
  int patchFloats() {
    return Architecture.CHANNELS * patchSize * patchSize;
  }
}
