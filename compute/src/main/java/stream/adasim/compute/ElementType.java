package stream.adasim.compute;

/** Type of a tensor's elements. */
public enum ElementType {
  FLOAT32(4),
  /** The upper half of a float. */
  BFLOAT16(2);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
