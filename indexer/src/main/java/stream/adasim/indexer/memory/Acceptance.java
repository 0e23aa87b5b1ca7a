package stream.adasim.indexer.memory;

/**
 * Says whether a search may return a vector: of those that it refuses, none is found, and the k
 * nearest of the others are, exactly.
 *
 * <p>A search asks only about vectors that might be among the k nearest, each of them once or
 * several times and in no particular order, on one thread and with the memory locked: an answer
 * must be quick, must not call the memory, and must stay the same while the search runs. The more
 * of the nearest are refused, the longer a search takes; a search that is refused nearly everything
 * looks at every vector.
 */
@FunctionalInterface
public interface Acceptance {
  /** Accepts everything. */
  Acceptance ALL = (candidate, similarity) -> true;

  /**
   * Whether a search may return this vector.
   *
   * @param similarity of candidate and query, as it would be published
   */
  boolean accepts(Slot candidate, float similarity);
}
