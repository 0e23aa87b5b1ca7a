package stream.adasim.learner.network;

import java.util.List;
import java.util.random.RandomGenerator;

/** How a parameter starts, the same on every machine. */
enum Initialisation {
  ZEROS,
  ONES,
  /** Normal with deviation 0.02; DINO truncates at +-2, a hundred deviations, so never. */
  NORMAL,
  /** Uniform within 1 / sqrt(inputs), what PyTorch gives to the two layers DINO leaves alone. */
  UNIFORM,
  /**
   * Normal with variance 2 / (outputs * area), He et al. (2015), as torchvision's ResNets start.
   */
  HE;

  /** The next element of a parameter of this shape. */
  float draw(List<Integer> shape, RandomGenerator random) {
    return switch (this) {
      case ZEROS -> 0;
      case ONES -> 1;
      case NORMAL -> (float) (0.02 * gaussian(random));
      case UNIFORM ->
          (float) (1 / StrictMath.sqrt(shape.getLast()) * (2 * random.nextDouble() - 1));
      case HE -> {
        double fanOut = (double) shape.get(0) * shape.get(2) * shape.get(3);
        yield (float) (StrictMath.sqrt(2 / fanOut) * gaussian(random));
      }
    };
  }

  /** Box and Muller's, in StrictMath: nextGaussian promises neither algorithm nor last bits. */
  private static double gaussian(RandomGenerator random) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * StrictMath.PI * random.nextDouble());
  }
}
