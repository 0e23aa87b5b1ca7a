package stream.adasim.compute.onednn;

/** oneDNN refused: the primitive, its shapes and types, and what the library said. */
final class DnnlException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  /**
   * @param what primitive, shapes and types
   * @param status what the library returned, other than 0
   */
  DnnlException(String what, int status) {
    super("oneDNN: " + what + ": " + meaning(status));
  }

  private static String meaning(int status) {
    return switch (status) {
      case 1 -> "out of memory; lower the batch or the network's size";
      case 2 -> "invalid arguments";
      case 3 -> "not implemented for this processor; choose the backend nd4j";
      case 4 -> "no further implementation";
      case 5 -> "failed while running";
      case 6 -> "not required";
      default -> "status " + status;
    };
  }
}
