package stream.adasim.learner.adasim;

/** What AdaSim asks of an image's votes before it lets another image be the partner. */
public enum Gate {
  /** That the image comes first in its own accumulated votes, as published (ALGORITHM, 2.1). */
  SELF,

  /**
   * That besides the nearest of its other candidates names the image in turn. Whether an image
   * finds itself says little of what else it finds; this does (docs/RESULTS.md).
   */
  MUTUAL
}
