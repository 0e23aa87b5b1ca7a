package stream.adasim.learner.decode;

/** What became of encoded bytes. */
public sealed interface Decoding {

  /** The bytes are an image. */
  record Decoded(RgbImage image) implements Decoding {}

  /**
   * The bytes are not an image that can be used.
   *
   * @param reason for the operator: what was found and what was expected
   */
  record Rejected(String reason) implements Decoding {}
}
