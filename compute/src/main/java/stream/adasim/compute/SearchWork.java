package stream.adasim.compute;

/**
 * How many products of vectors a search computed, bounds not counted.
 *
 * @param inBlocks many rows with all queries at a time
 * @param singly of one row and one query, each of which takes several times as long
 */
public record SearchWork(long inBlocks, long singly) {
  /** All of them. */
  public long products() {
    return inBlocks + singly;
  }
}
