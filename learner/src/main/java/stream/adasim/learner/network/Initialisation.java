package stream.adasim.learner.network;

/** How a parameter starts. */
enum Initialisation {
  ZEROS,
  ONES,
  /** Normal with deviation 0.02; DINO truncates at +-2, a hundred deviations, so never. */
  NORMAL,
  /** Uniform within 1 / sqrt(inputs), what PyTorch gives to the two layers DINO leaves alone. */
  UNIFORM
}
