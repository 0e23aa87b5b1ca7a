package stream.adasim.bench.search;

import java.io.IOException;
import java.util.List;

/** A contestant's index over images that are named by number. */
interface Index extends AutoCloseable {
  /** What it is and how it is set, one line. */
  String describe();

  /** How much a search spends; exact ones ignore it. */
  void effort(int effort);

  /**
   * The nearest images of each query, k per query.
   *
   * @param images which the queries are vectors of
   */
  int[][] search(List<Integer> images, List<float[]> queries, int k) throws IOException;

  /** Whether a search makes later ones faster. */
  boolean learnsFromSearches();

  /** Puts others in the place of these images' vectors, by the index's own way. */
  void replace(List<Integer> images, List<float[]> vectors) throws IOException;

  /** Makes what was replaced visible to searches; part of a batch. */
  void refresh() throws IOException;

  @Override
  void close() throws IOException;
}
