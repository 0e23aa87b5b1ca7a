package stream.adasim.learner.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stream.adasim.learner.network.ResNetShape.Block;
import stream.adasim.learner.network.ResNetShape.Stem;

/**
 * What a network looks like: a backbone over square RGB images, and the head that the training
 * objective compares its features by.
 */
public record Architecture(BackboneShape backbone, HeadShape head) {
  /** Red, green, blue. */
  public static final int CHANNELS = 3;

  /** What {@link #named} knows. */
  public static final List<String> NAMES =
      List.of("micro", "tiny", "small", "base", "resnet10", "resnet18", "resnet50");

  /** One with DINO's head. */
  public Architecture(BackboneShape backbone, int headHidden, int headBottleneck, int prototypes) {
    this(backbone, new PrototypeHead(headHidden, headBottleneck, prototypes));
  }

  /** {@link #named} without registers and with the stem for small images. */
  public static Architecture named(String name, int imageSize, int patchSize, int prototypes) {
    return named(name, imageSize, patchSize, 0, Stem.CIFAR, prototypes);
  }

  /**
   * An architecture by name, with DINO's head: vision transformers of DINO's family (micro, for
   * CPUs, tiny, small, base) and residual networks (resnet10, for CPUs: one block a stage and half
   * the usual width; resnet18, resnet50).
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
      case "resnet10" ->
          micro(new ResNetShape(imageSize, stem, Block.BASIC, List.of(1, 1, 1, 1), 32), prototypes);
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
    return new Architecture(BackboneShape.of(map), HeadShape.of(map));
  }

  /** All that {@link #of(Map)} needs to build an equal architecture. */
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<>(backbone.toMap());
    map.putAll(head.toMap());
    return map;
  }

  /** The same backbone with another head. */
  public Architecture withHead(HeadShape other) {
    return new Architecture(backbone, other);
  }

  /**
   * DINO's head.
   *
   * @throws IllegalStateException if the head is another objective's
   */
  public PrototypeHead prototypeHead() {
    if (head instanceof PrototypeHead prototypeHead) {
      return prototypeHead;
    }
    throw new IllegalStateException("head=" + head + " has no prototypes: it is not DINO's");
  }

  /**
   * A projector and a predictor.
   *
   * @throws IllegalStateException if the head is DINO's
   */
  public MlpHead mlpHead() {
    if (head instanceof MlpHead mlp) {
      return mlp;
    }
    throw new IllegalStateException("head=" + head + " is DINO's; expected a projector");
  }

  /** Number of prototypes of DINO's head, K. */
  public int prototypes() {
    return prototypeHead().prototypes();
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
