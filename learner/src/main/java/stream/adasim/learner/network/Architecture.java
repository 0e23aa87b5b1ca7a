package stream.adasim.learner.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stream.adasim.learner.network.ResNetShape.Block;
import stream.adasim.learner.network.ResNetShape.Stem;

/**
 * What a network looks like: a backbone over square RGB images and DINO's projection head (Caron et
 * al. 2021).
 *
 * @param headHidden width of the projection head's two hidden layers
 * @param headBottleneck width of the unit vectors that the prototypes are compared with
 * @param prototypes number of logits, K
 */
public record Architecture(
    BackboneShape backbone, int headHidden, int headBottleneck, int prototypes) {
  /** Red, green, blue. */
  public static final int CHANNELS = 3;

  /** What {@link #named} knows. */
  public static final List<String> NAMES =
      List.of("micro", "tiny", "small", "base", "resnet18", "resnet50");

  /**
   * @throws IllegalArgumentException if the numbers don't fit each other
   */
  public Architecture {
    Numbers.positive("headHidden", headHidden);
    Numbers.positive("headBottleneck", headBottleneck);
    Numbers.positive("prototypes", prototypes);
  }

  /** {@link #named} without registers and with the stem for small images. */
  public static Architecture named(String name, int imageSize, int patchSize, int prototypes) {
    return named(name, imageSize, patchSize, 0, Stem.CIFAR, prototypes);
  }

  /**
   * An architecture by name: vision transformers of DINO's family (micro, for CPUs, tiny, small,
   * base) and residual networks (resnet18, resnet50).
   *
   * @param patchSize of a vision transformer; residual networks have no patches
   * @param registers of a vision transformer
   * @param stem of a residual network
   * @throws IllegalArgumentException if the name is unknown or the numbers don't fit each other
   */
  public static Architecture named(
      String name, int imageSize, int patchSize, int registers, Stem stem, int prototypes) {
    if (registers > 0 && name.startsWith("resnet")) {
      throw new IllegalArgumentException(
          "registers=" + registers + " must be 0: " + name + " has no tokens");
    }
    return switch (name) {
      case "micro" -> micro(new VitShape(imageSize, patchSize, 96, 4, 3, 4, registers), prototypes);
      case "tiny" -> full(new VitShape(imageSize, patchSize, 192, 12, 3, 4, registers), prototypes);
      case "small" ->
          full(new VitShape(imageSize, patchSize, 384, 12, 6, 4, registers), prototypes);
      case "base" ->
          full(new VitShape(imageSize, patchSize, 768, 12, 12, 4, registers), prototypes);
      case "resnet18" ->
          full(new ResNetShape(imageSize, stem, Block.BASIC, List.of(2, 2, 2, 2), 64), prototypes);
      case "resnet50" ->
          full(
              new ResNetShape(imageSize, stem, Block.BOTTLENECK, List.of(3, 4, 6, 3), 64),
              prototypes);
      default ->
          throw new IllegalArgumentException(
              "architecture=" + name + " must be one of " + String.join(", ", NAMES));
    };
  }

  private static Architecture micro(BackboneShape backbone, int prototypes) {
    return new Architecture(backbone, 512, 128, prototypes);
  }

  private static Architecture full(BackboneShape backbone, int prototypes) {
    return new Architecture(backbone, 2048, 256, prototypes);
  }

  /**
   * The architecture that {@link #toMap} wrote.
   *
   * @throws IllegalArgumentException naming the entry that is missing, malformed or doesn't fit
   */
  public static Architecture of(Map<String, String> map) {
    return new Architecture(
        BackboneShape.of(map),
        Numbers.number(map, "headHidden"),
        Numbers.number(map, "headBottleneck"),
        Numbers.number(map, "prototypes"));
  }

  /** All that {@link #of(Map)} needs to build an equal architecture. */
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<>(backbone.toMap());
    map.put("headHidden", Integer.toString(headHidden));
    map.put("headBottleneck", Integer.toString(headBottleneck));
    map.put("prototypes", Integer.toString(prototypes));
    return map;
  }

  /** Side of an image in pixels. */
  public int imageSize() {
    return backbone.imageSize();
  }

  /** Width of a feature. */
  public int dim() {
    return backbone.dim();
  }

  /** Number of floats of one image: channels, rows, columns. */
  public int pixels() {
    return CHANNELS * imageSize() * imageSize();
  }
}
