package stream.adasim.learner.network;

import java.util.List;

/**
 * A parameter before it has a place.
 *
 * @param shape outputs first, then inputs; of a convolution also rows and columns
 */
record ParameterSpec(String name, Role role, Initialisation start, List<Integer> shape) {
  /** How training treats a parameter. */
  enum Role {
    /** Trained, with weight decay: DINO decays all but biases and what has one axis. */
    MATRIX,
    /** Trained, without weight decay. */
    VECTOR,
    /** Not trained: running statistics, which the forward writes. */
    STATISTIC
  }

  static ParameterSpec matrix(String name, Initialisation start, Integer... shape) {
    return new ParameterSpec(name, Role.MATRIX, start, List.of(shape));
  }

  static ParameterSpec vector(String name, Initialisation start, int extent) {
    return new ParameterSpec(name, Role.VECTOR, start, List.of(extent));
  }

  static ParameterSpec statistic(String name, Initialisation start, int extent) {
    return new ParameterSpec(name, Role.STATISTIC, start, List.of(extent));
  }
}
