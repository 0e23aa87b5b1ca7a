package stream.adasim.compute;

/**
 * A copy of vectors in fewer bits than theirs, for a search to multiply first ({@link
 * Kernels#topK(Tensor, Tensor, QuantizedVectors, int[], int, int, int[], float[])}). How far each
 * copy lies from its vector is kept beside it. Only the backend that made one looks inside. Not
 * thread-safe.
 */
public interface QuantizedVectors {

  /**
   * Takes over rows {@code first} to {@code first + count - 1} as they are now.
   *
   * @param vectors (rows, D), finite
   * @throws IndexOutOfBoundsException if there are no such rows
   */
  void update(Tensor vectors, int first, int count);
}
