package stream.adasim.learner.network;

import java.util.Map;

/** What the part of a network looks like that makes features of images: a closed choice. */
public sealed interface BackboneShape permits VitShape, ResNetShape {

  /** Side of an image in pixels. */
  int imageSize();

  /** Width of a feature. */
  int dim();

  /**
   * Whether, in training, an image's feature depends on the other images of its batch, so that a
   * batch can't be divided among workers without telling them of each other's statistics.
   */
  boolean couplesImages();

  /**
   * The same for images of another size, which the same weights serve.
   *
   * @throws IllegalArgumentException if a transformer's patches don't fill them
   */
  BackboneShape withImageSize(int side);

  /** All that {@link #of} needs to build an equal shape. */
  Map<String, String> toMap();

  /**
   * The shape that {@link #toMap} wrote.
   *
   * @throws IllegalArgumentException naming the entry that is missing, malformed or doesn't fit
   */
  static BackboneShape of(Map<String, String> map) {
    String kind = Numbers.text(map, "kind");
    return switch (kind) {
      case VitShape.KIND -> VitShape.of(map);
      case ResNetShape.KIND -> ResNetShape.of(map);
      default ->
          throw new IllegalArgumentException(
              "architecture's kind="
                  + kind
                  + " must be one of "
                  + VitShape.KIND
                  + ", "
                  + ResNetShape.KIND);
    };
  }
}
