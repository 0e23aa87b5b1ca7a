package stream.adasim.indexer.memory;

import org.jspecify.annotations.Nullable;

/**
 * What is searched for.
 *
 * @param vector of unit length, kept, not copied
 * @param acceptance which vectors may be found; none says all
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Query(float[] vector, @Nullable Acceptance acceptance) {

  /** One that accepts every vector. */
  public static Query of(float[] vector) {
    return new Query(vector, null);
  }
}
