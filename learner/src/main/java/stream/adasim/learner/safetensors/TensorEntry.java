package stream.adasim.learner.safetensors;

import java.util.List;

/**
 * One tensor of a file.
 *
 * @param shape extents; none for a single number
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte
 */
public record TensorEntry(String name, ElementKind kind, List<Long> shape, long begin, long end) {

  /** Number of elements. */
  public long size() {
    return (end - begin) / kind.bytes();
  }

  @Override
  public String toString() {
    return name + " " + kind + shape;
  }
}
