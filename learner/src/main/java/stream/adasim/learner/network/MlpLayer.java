package stream.adasim.learner.network;

/**
 * One layer of a projector or predictor: products, batch norm, rectifier.
 *
 * @param bias whether the products have one
 * @param relu whether it ends in a rectifier, as only a layer with batch norm may
 */
record MlpLayer(int inputs, int outputs, boolean bias, Norm norm, boolean relu) {
  /** What follows the products. */
  enum Norm {
    NONE,
    /** Batch norm with gain and shift. */
    AFFINE,
    /** Batch norm with a gain alone. */
    GAIN,
    /** Batch norm with neither. */
    PLAIN
  }

  MlpLayer {
    if (relu && norm == Norm.NONE) {
      throw new IllegalArgumentException("a rectifier only follows batch norm");
    }
  }

  boolean normed() {
    return norm != Norm.NONE;
  }

  boolean gain() {
    return norm == Norm.AFFINE || norm == Norm.GAIN;
  }

  boolean shift() {
    return norm == Norm.AFFINE;
  }
}
