package stream.adasim.indexer.memory;

import org.jspecify.annotations.Nullable;

/**
 * What is searched for.
 *
 * @param vector of unit length, kept, not copied
 * @param acceptance which vectors may be found; none says all
 * @param image the id of the image that the vector is of, if it is one's: what the last search for
 *     it found spares work, and never changes what this one finds
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Query(float[] vector, @Nullable Acceptance acceptance, @Nullable String image) {

  /** One that accepts every vector. */
  public static Query of(float[] vector) {
    return new Query(vector, null, null);
  }
}
