package stream.adasim.standalone.evaluate;

/**
 * Vectors of labelled images.
 *
 * @param values (n, dim), row by row
 * @param labels n classes, from 0
 */
@SuppressWarnings("ArrayRecordComponent") // thousands of floats, never compared
public record Vectors(float[] values, int dim, int[] labels) {
  public Vectors {
    if (dim < 1 || values.length != (long) labels.length * dim) {
      throw new IllegalArgumentException(
          "found %d floats, expected n * dim = %d * %d"
              .formatted(values.length, labels.length, dim));
    }
  }

  public int count() {
    return labels.length;
  }

  /** Some of them, in the given order. */
  public Vectors rows(int[] indices) {
    float[] chosen = new float[indices.length * dim];
    int[] their = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(values, indices[i] * dim, chosen, i * dim, dim);
      their[i] = labels[indices[i]];
    }
    return new Vectors(chosen, dim, their);
  }
}
