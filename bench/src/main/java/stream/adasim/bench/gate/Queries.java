package stream.adasim.bench.gate;

import java.util.random.RandomGenerator;
import stream.adasim.learner.augment.Views;
import stream.adasim.learner.decode.RgbImage;

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

  void view(Views views, RgbImage image, RandomGenerator random, float[] out, int offset) {
    switch (this) {
      case CLEAN -> views.clean(image, out, offset);
      case WEAK -> views.weak(image, WEAK_AREA, random, out, offset);
      case HARD -> views.weak(image, HARD_AREA, random, out, offset);
      case FAITHFUL -> views.first(image, random, out, offset);
    }
  }

  /** What the memory holds of an image. */
  Queries stored() {
    return this == FAITHFUL ? FAITHFUL : CLEAN;
  }
}
