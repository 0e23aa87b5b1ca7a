package stream.adasim.bench.gate;

import java.util.SplittableRandom;
import stream.adasim.learner.augment.Views;
import stream.adasim.standalone.labelled.Embedder.Look;

/** What an image searches with. */
enum Queries {
  /** The clean view, which finds the same each time. */
  CLEAN,
  /** A weak view, of 0.7 of the area or more. */
  WEAK,
  /** A weak view, of a fifth of the area or more. */
  HARD,
  /** The training view, which is what is searched, too. */
  FAITHFUL;

  private static final double WEAK_AREA = 0.7;
  private static final double HARD_AREA = 0.2;

  Look look(SplittableRandom random) {
    return switch (this) {
      case CLEAN -> Views::clean;
      case WEAK -> weak(WEAK_AREA, random);
      case HARD -> weak(HARD_AREA, random);
      case FAITHFUL ->
          (views, image, out, offset) -> views.first(image, random.split(), out, offset);
    };
  }

  private static Look weak(double area, SplittableRandom random) {
    return (views, image, out, offset) -> views.weak(image, area, random.split(), out, offset);
  }

  /** What the memory holds of an image. */
  Queries stored() {
    return this == FAITHFUL ? FAITHFUL : CLEAN;
  }
}
